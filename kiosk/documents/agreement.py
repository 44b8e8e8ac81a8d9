"""Уговор: the contract in two copies, stamped over the assistant minister's signature. Our template."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.documents.citizen import PERSONAL_NUMBER_DIGITS
from kiosk.documents.facts import FormFacts
from kiosk.documents.fields import Field, comb
from kiosk.documents.form import Form
from kiosk.documents.model import Article, Block, Centred, Paragraph, Space, title, together
from kiosk.documents.signatures import Signature, signed

TITLE = "Уговор о пружању услуге издавања квалификованог електронског сертификата"
PROVIDER = (
    "**Република Србија – Министарство унутрашњих послова**, кога заступа помоћник министра (у даљем тексту: "
    "__Пружалац услуге__), и"
)

ARTICLES = (
    Article(
        "Члан 1.",
        (
            (
                "Предмет овог уговора је пружање услуге издавања квалификованог електронског сертификата (у даљем "
                "тексту: сертификат) који се уписује у чип личне карте Корисника, као и уређење међусобних права и "
                "обавеза уговорних страна."
            ),
            (
                "__Општи услови пружања услуге издавања квалификованих електронских сертификата__ саставни су део "
                "овог уговора."
            ),
        ),
        subtitle="Предмет уговора",
    ),
    Article(
        "Члан 2.",
        (
            (
                "Пружалац услуге се обавезује да: 1) поуздано провери идентитет Корисника увидом у важећу личну "
                "карту; 2) изда сертификат чији су подаци истоветни подацима из захтева и личне карте; 3) води "
                "регистар издатих и опозваних сертификата и обезбеди јавно доступну проверу статуса; 4) чува "
                "документацију у роковима прописаним законом."
            ),
        ),
        subtitle="Обавезе Пружаоца услуге",
    ),
    Article(
        "Члан 3.",
        (
            (
                "Корисник се обавезује да: 1) чува личну карту и активациони податак (ПИН) и не саопштава га другим "
                "лицима, укључујући службеника; 2) ПИН унесе лично и без увида других лица; 3) без одлагања затражи "
                "опозив или суспензију сертификата у случају губитка личне карте, сумње да је ПИН познат другом лицу "
                "или промене података."
            ),
        ),
        subtitle="Обавезе Корисника",
    ),
    Article(
        "Члан 4.",
        ("Услуга издавања и обнављања сертификата пружа се **без накнаде**.",),
        subtitle="Накнада",
    ),
    Article(
        "Члан 5.",
        (
            (
                "Уговор се закључује на неодређено време и престаје престанком важења личне карте у чији је чип "
                "сертификат уписан, опозивом сертификата на захтев Корисника или престанком пружања услуге."
            ),
            (
                "За обнављање сертификата док овај уговор важи не закључује се нов уговор; Корисник подноси захтев на"
                " Обрасцу 1 са заокруженим бројем 2."
            ),
        ),
        subtitle="Трајање и престанак",
    ),
    Article(
        "Члан 6.",
        (
            (
                "Подаци о личности обрађују се искључиво у сврху пружања услуге, у складу са законима којима се "
                "уређују заштита података о личности и електронски документ, електронска идентификација и услуге од "
                "поверења."
            ),
        ),
        subtitle="Заштита података о личности",
    ),
)
CLOSING = Article(
    "Члан 7.",
    (
        (
            "Уговор је сачињен у 2 (два) истоветна примерка, од којих по један задржава свака уговорна страна. "
            "Корисник оба примерка потписује у присуству службеника. Уговор ступа на снагу даном потписивања."
        ),
    ),
    subtitle="Завршне одредбе",
)


def build(facts: FormFacts) -> Iterator[Block]:
    """The contract, with its parties, number and date."""
    yield title("УГОВОР")
    yield Centred("о пружању услуге издавања квалификованог електронског сертификата", size=10.5)
    yield Space(2)
    blank = facts.is_blank
    yield Field("Број уговора", facts.contract_number or "")
    yield Field("Место и датум закључења", "" if blank else f"{facts.place}, {facts.day}")
    yield Space(2)
    yield Paragraph("Уговорне стране:")
    yield Paragraph("1. " + PROVIDER)
    yield together(Paragraph("2. **Корисник**, лично:"), Space(0.6), *_citizen(facts))
    yield Space(1)
    for article in ARTICLES:
        yield from article.blocks()
    yield signed(
        *CLOSING.blocks(),
        left=Signature("помоћник министра", heading="ЗА ПРУЖАОЦА УСЛУГЕ", has_stamp=True),
        right=Signature("својеручни потпис корисника", heading="КОРИСНИК"),
    )


def _citizen(facts: FormFacts) -> tuple[Block, ...]:
    c = facts.citizen
    return (
        Field("Презиме и име", c.full_name if c else ""),
        comb("ЈМБГ", c.personal_number if c else "", PERSONAL_NUMBER_DIGITS),
        Field("Број личне карте", c.document_number if c else ""),
        Field("Пребивалиште и адреса стана", c.residence if c else ""),
    )


FORM = Form(key="agreement", code="UG", name="Уговор", title=TITLE, edition="1", build=build)
