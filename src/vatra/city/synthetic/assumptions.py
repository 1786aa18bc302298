"""What a made-up city takes for granted, in English and Ukrainian, with sources."""

from __future__ import annotations

from vatra.city.model import Assumption

ASSUMPTIONS = (
    Assumption(
        "The whole city is made up: no street, building or network asset is a real one. It lies "
        "in the open Atlantic so that it can't be taken for a place; the sun and the clock of "
        "Kyiv are meant.",
        "Усе місто вигадане: жодна вулиця, будівля чи споруда мереж не є справжньою. Його "
        "розміщено у відкритій Атлантиці, щоб не сплутати зі справжнім містом; сонце й "
        "годинник — київські.",
    ),
    Assumption(
        "At full size it has 3.0 million residents, 350,000 of them displaced; smaller cities "
        "keep the proportion.",
        "У повному розмірі місто має 3,0 млн мешканців, із них 350 000 переселенців; менші "
        "міста зберігають це співвідношення.",
        ("blocks",),
        "mayor of Kyiv, November 2022",
    ),
    Assumption(
        "The winter peak is 1,500 MW at 3.0 million residents, and in proportion below.",
        "Зимовий пік становить 1 500 МВт на 3,0 млн мешканців, у менших містах — пропорційно.",
        ("blocks",),
        "grid operator and mayor of Kyiv, 2022",
    ),
    Assumption(
        "A household has 2.5 people on average: 1.2 million dwellings in 3.0 million residents.",
        "У помешканні живе в середньому 2,5 людини: 1,2 млн помешкань на 3,0 млн мешканців.",
        ("blocks",),
    ),
    Assumption(
        "By dwellings, 20 % are in five-storey blocks of the 1950–60s (half of them brick), 18 % "
        "in panel blocks of the 1970–90s, 20 % in newer insulated buildings.",
        "За кількістю помешкань: 20 % — у п’ятиповерхівках 1950–60-х (половина цегляні), 18 % — "
        "у панельних будинках 1970–90-х, 20 % — у новіших утеплених.",
        ("blocks",),
        "survey of over 10,000 buildings in Kyiv by a property portal",
    ),
    Assumption(
        "The other dwellings are 10 % older brick, 25 % later panel and 7 % private houses; size, "
        "height and layout follow typical series.",
        "Решта помешкань: 10 % — старіші цегляні, 25 % — пізніші панельні, 7 % — приватні "
        "будинки; розміри, поверховість і забудова — за типовими серіями.",
        ("blocks",),
    ),
    Assumption(
        "13 % of residents are over 70, 3 % under 3 years old and 5 % disabled or chronically "
        "ill; each person is counted in one group only.",
        "13 % мешканців старші за 70 років, 3 % молодші за 3 роки, 5 % мають інвалідність або "
        "хронічну хворобу; кожну людину враховано лише в одній групі.",
        ("blocks",),
    ),
    Assumption(
        "Apartment buildings have district heat, except a quarter of new ones and a few old ones "
        "with a gas boiler of their own; of the private houses 82 % heat with gas, 11 % with "
        "stoves and 7 % with electricity.",
        "Багатоквартирні будинки мають централізоване опалення, крім чверті нових і кількох "
        "старих із власною газовою котельнею; 82 % приватних будинків опалюють газом, 11 % — "
        "печами, 7 % — електрикою.",
        ("blocks",),
    ),
    Assumption(
        "Own heat points need electricity in all new buildings, in 60 % of those of sixteen "
        "floors, in 25 to 40 % of other panel towers and in 15 to 20 % of older ones. Up to nine "
        "floors most flats cook with gas, above none.",
        "Власні теплопункти потребують електрики в усіх новобудовах, у 60 % "
        "шістнадцятиповерхівок, у 25–40 % інших панельних веж і в 15–20 % старіших будинків. "
        "До дев’яти поверхів більшість квартир має газові плити, вище — жодна.",
        ("blocks",),
    ),
    Assumption(
        "There are 140 public buildings per 100,000 residents that could be warm points; their "
        "usable area, generators and shelters are assumed, and each person takes 3.5 m².",
        "На 100 000 мешканців є 140 громадських будівель, придатних для пунктів обігріву; їхню "
        "корисну площу, генератори й укриття припущено, на людину — 3,5 м².",
        ("sites",),
        "Sphere handbook for the area a person; the rest assumed",
    ),
    Assumption(
        "The river, the bridges, the districts and the streets are drawn at random; streets are "
        "walkable everywhere and flat.",
        "Річку, мости, райони й вулиці накреслено випадково; усі вулиці пішохідні й без ухилів.",
        ("districts", "streets", "water_bodies"),
    ),
)
"""Assumptions of the fabric; the networks add their own."""
