"""What is wrong with the device the citizen types the PIN on, told by its reason: cause, and what to do about it."""

from __future__ import annotations

from hardware.citizen_faults import CitizenTerminalFault as Terminal
from hardware.keypad_faults import KeypadFault as Keypad
from hardware.pinpad_features import PadFault as Pad
from kiosk.texts import N_

PLUG_IN = N_("Прикључите је у исто место, па 1.")
START_TERMINAL = N_("Проверите терминал корисника и програм kiosk citizen, па 1.")
SETTINGS = N_("Позовите подршку: kiosk doctor каже шта у kiosk.toml не ваља.")
OTHER_READER = N_("Прикључите читач са тастатуром, или други начин уноса у kiosk.toml.")

WORDS: dict[str, tuple[str, str]] = {
    Keypad.NOT_THERE.value: (N_("Тастатура корисника није прикључена"), PLUG_IN),
    Keypad.UNPLUGGED.value: (N_("Тастатура корисника је искључена из рачунара"), PLUG_IN),
    Keypad.NOT_A_KEYPAD.value: (N_("Уређај подешен као тастатура корисника нема цифре"), SETTINGS),
    Keypad.AMBIGUOUS.value: (
        N_("Прикључено је више истих тастатура"),
        N_("Оставите једну, или је именујте по месту у kiosk.toml, па 1."),
    ),
    Keypad.NO_PERMISSION.value: (N_("Програм не сме да чита тастатуру корисника"), SETTINGS),
    Keypad.HELD_BY_ANOTHER.value: (
        N_("Тастатуру корисника држи други програм"),
        N_("Затворите други програм, или је искључите и прикључите, па 1."),
    ),
    Keypad.FAILED.value: (N_("Тастатура корисника не ради"), N_("Искључите је и прикључите поново, па 1.")),
    Terminal.NOT_CONNECTED.value: (N_("Терминал корисника није повезан"), START_TERMINAL),
    Terminal.GONE.value: (N_("Терминал корисника је нестао усред уноса"), START_TERMINAL),
    Terminal.HUNG_UP.value: (N_("Терминал корисника је искључен"), START_TERMINAL),
    Terminal.SILENT.value: (N_("Терминал корисника не одговара"), START_TERMINAL),
    Terminal.MALFORMED.value: (N_("Терминал корисника шаље неразумљиво"), START_TERMINAL),
    Terminal.OUT_OF_ORDER.value: (N_("Терминал корисника шаље неразумљиво"), START_TERMINAL),
    Terminal.OTHER_VERSION.value: (
        N_("На терминалу корисника је друга верзија програма"),
        N_("Покрените поново kiosk citizen, па 1."),
    ),
    Terminal.NO_FOLDER.value: (N_("Нема фасцикле за везу са терминалом корисника"), SETTINGS),
    Terminal.FOLDER_IS_OPEN.value: (N_("У фасциклу везе са терминалом корисника могу и други да пишу"), SETTINGS),
    Terminal.NOT_A_SOCKET.value: (N_("На месту везе са терминалом корисника је нешто друго"), SETTINGS),
    Terminal.IN_USE.value: (N_("Везу са терминалом корисника држи друга станица"), SETTINGS),
    Terminal.NO_PERMISSION.value: (N_("Програм не сме да отвори везу са терминалом корисника"), SETTINGS),
    Terminal.BAD_PATH.value: (N_("Име везе са терминалом корисника није употребљиво"), SETTINGS),
    Pad.NO_KEYS.value: (N_("Овај читач нема тастатуру за ПИН"), OTHER_READER),
    Pad.NO_MODIFY.value: (N_("Овај читач не може да прими нови ПИН"), OTHER_READER),
    Pad.NO_CONFIRM_KEY.value: (N_("Овај читач не чека потврду уноса; картин ПИН нема сталну дужину"), OTHER_READER),
    Pad.LENGTHS.value: (N_("Овај читач не прима ПИН дужине коју карта тражи"), OTHER_READER),
    Pad.MALFORMED.value: (N_("Програм читача нејасно каже шта читач уме"), OTHER_READER),
    Pad.REFUSED.value: (N_("Програм читача је одбио да тражи ПИН"), OTHER_READER),
    Pad.NOT_BY_MODULE.value: (N_("Програм за картицу (PKCS#11) не уме да користи тастатуру читача"), OTHER_READER),
}
"""By the text of a `PinEntryFault`."""
