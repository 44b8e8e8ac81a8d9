"""ПРОМЕНА СТАТУСА СЕРТИФИКАТА: revocation, suspension and reactivation, asked for with Образац 3.

The published text does not have this procedure; the steps are our reading of the ministry's public pages (the clerk
confirms the receipt by signature, starts the process, files the request, tells the citizen). Hence `published=False`.
"""

from kiosk.procedures.evidence import (
    DossierFiled,
    StatusChangeAccepted,
    StatusChanged,
    StatusChangeRequested,
)
from kiosk.procedures.step import Need, Procedure, Step

STATUS_CHANGE = Procedure(
    key="status_change",
    edition="1",
    title="Промена статуса сертификата",
    form="obrazac_3",
    form_option=0,
    precondition="Захтев за променом статуса сертификата корисник подноси лично, у било којој полицијској станици. Лична карта није потребна у читачу: може бити изгубљена или украдена. Идентитет корисника службеник утврђује увидом у исправу.",
    published=False,
    steps=(
        Step(
            1,
            "request",
            title="Захтев",
            wording="Корисник службенику лично предаје попуњен и својеручно потписан Захтев за променом статуса сертификата - Образац 3, са заокруженим бројем испред опозива, суспензије или поновне активације.",
            evidence=StatusChangeRequested,
            needs=frozenset({Need.CITIZEN}),
        ),
        Step(
            2,
            "receipt",
            title="Пријем и избор сертификата",
            wording="Службеник својим потписом потврђује пријем захтева и утврђује на које се сертификате захтев односи и, код опозива, из ког разлога.",
            evidence=StatusChangeAccepted,
            needs=frozenset({Need.CITIZEN}),
        ),
        Step(
            3,
            "effect",
            title="Спровођење промене",
            wording="Службеник покреће промену статуса код сертификационог тела. Промена се спроводи у року који је прописан, рачунајући од пријема захтева.",
            evidence=StatusChanged,
        ),
        Step(
            4,
            "completion",
            title="Потврда и одлагање",
            wording="Службеник обавештава корисника да је промена спроведена и предаје му потврду, а Захтев за променом статуса сертификата одлаже на чување. На овај начин је завршена промена статуса.",
            evidence=DossierFiled,
            needs=frozenset({Need.CITIZEN}),
        ),
    ),
)
