"""ДЕБЛОКАДА ЛИЧНЕ КАРТЕ СА ПРОМЕНОМ ПИН-А: what comes first when the citizen forgot the PIN.

The published text only names this procedure; the steps are our reading of the ministry's public pages (Образац 2, receipt
confirmed by the clerk's signature, the citizen alone types the new PIN). Hence `published=False`.
"""

from kiosk.procedures.evidence import (
    ActivationDataRequired,
    DossierFiled,
    PinChanged,
    ReceiptConfirmed,
    UnblockRequested,
)
from kiosk.procedures.step import Actor, Need, Procedure, Step

UNBLOCK = Procedure(
    key="unblock",
    edition="1",
    title="Деблокада са променом ПИН-а",
    form="obrazac_2",
    form_option=2,
    precondition="У случају да је корисник заборавио свој ПИН, потребно је да пре подношења захтева за издавање сертификата, поднесе захтев за деблокадом личне карте са променом ПИН-а.",
    published=False,
    steps=(
        Step(
            1,
            "request",
            title="Захтев за деблокаду",
            wording="Корисник службенику лично предаје попуњен и својеручно потписан Захтев за деблокадом ПИН-а личне карте - Образац 2, са заокруженом променом ПИН-а.",
            evidence=UnblockRequested,
            needs=frozenset({Need.CITIZEN, Need.CARD}),
        ),
        Step(
            2,
            "receipt",
            title="Потврда пријема",
            wording="Службеник својим потписом потврђује пријем захтева и започиње деблокаду личне карте.",
            evidence=ReceiptConfirmed,
            needs=frozenset({Need.CITIZEN, Need.CARD}),
        ),
        Step(
            3,
            "activation_data",
            title="Нови активациони податак",
            wording="У процесу деблокаде неопходно је унети нови активациони податак (ПИН) који ће бити познат само кориснику.",
            evidence=ActivationDataRequired,
            needs=frozenset({Need.CITIZEN, Need.CARD}),
        ),
        Step(
            4,
            "pin_entry",
            title="Корисник уноси нови ПИН",
            wording="Потребно је омогућити кориснику да сам, два пута, унесе свој нови ПИН.",
            evidence=PinChanged,
            actor=Actor.CITIZEN,
            needs=frozenset({Need.CITIZEN, Need.CARD, Need.PIN_ENTRY}),
            resumes_at=3,
        ),
        Step(
            5,
            "completion",
            title="Предаја и одлагање",
            wording="Након промене ПИН-а службеник кориснику предаје личну карту, а Захтев за деблокаду одлаже на чување. На овај начин је завршена деблокада.",
            evidence=DossierFiled,
            needs=frozenset({Need.CITIZEN}),
        ),
    ),
)
