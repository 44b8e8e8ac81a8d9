"""ПОСТУПАК ОБНАВЉАЊА КВАЛИФИКОВАНИХ ЕЛЕКТРОНСКИХ СЕРТИФИКАТА: five steps in the published words."""

from kiosk.procedures.evidence import (
    ActivationDataRequired,
    CertificateWritten,
    DossierFiled,
    ProcessStarted,
    RequestReceived,
)
from kiosk.procedures.step import Actor, Need, Procedure, Step

RENEWAL = Procedure(
    key="renewal",
    edition="1",
    title="Обнављање сертификата",
    form="obrazac_1",
    form_option=2,
    precondition="Предуслов за обнављање сертификата кориснику је да корисник има важећу личну карту са чипом и важећи Уговор. Корисник захтева обнављање сертификата у случају да је истекао период важности сертификата издатог на дан склапања Уговора. Образац захтева за обнављање сертификата корисник добија од службеника регистрационог тела или преузима са веб сајта сертификационог тела МУП-а, http://ca.mup.gov.rs",
    published=True,
    steps=(
        Step(
            1,
            "request",
            title="Захтев",
            wording="Корисник предаје службенику попуњен и својеручно потписан Захтев за пружање услуге издавања и обнављања квалификованих електронских сертификата - Образац 1. (у даљем тексту „Захтев за обнављање сертификата“) са заокруженим бројем испред опције „Обнављање сертификата“, односно бројем 2.",
            evidence=RequestReceived,
            needs=frozenset({Need.CITIZEN, Need.CARD}),
        ),
        Step(
            2,
            "start",
            title="Почетак обнављања",
            wording="Службеник на основу примљеног Захтева за обнављање сертификата започиње процес обнављања сертификата, при чему у предвиђено поље уноси е-mail корисника из захтева, ако је корисник у захтеву навео да је потребно у сертификат уписати е-mail.",
            evidence=ProcessStarted,
        ),
        Step(
            3,
            "activation_data",
            title="Активациони податак",
            wording="У процесу обнављања сертификата неопходно је унети активациони податак (ПИН) који је познат само кориснику.",
            evidence=ActivationDataRequired,
            needs=frozenset({Need.CITIZEN, Need.CARD}),
        ),
        Step(
            4,
            "pin_entry",
            title="Корисник уноси ПИН",
            wording="Потребно је омогућити кориснику, да у процесу обнављања сертификата у кораку који захтева унос ПИН-а, сам унесе свој ПИН.",
            evidence=CertificateWritten,
            actor=Actor.CITIZEN,
            needs=frozenset({Need.CITIZEN, Need.CARD, Need.PIN_ENTRY}),
            resumes_at=3,
        ),
        Step(
            5,
            "completion",
            title="Предаја и одлагање",
            wording="Након уписа сертификата у чип личне карте службеник кориснику предаје личну карту, а Захтев за обнављање сертификата одлаже на чување. На овај начин је завршен поступак обнављања сертификата.",
            evidence=DossierFiled,
            needs=frozenset({Need.CITIZEN}),
        ),
    ),
)
