"""The council: invitation, papers for the meeting (34 of them), jobs, ordinance, elections, grants, outages."""

import random

from .letter import MAYOR, Office, letter, town
from .registry import document

DISTRIBUTOR = Office("Rolavská distribuce, a. s.", "provoz sítí Horní Rolava", "Elektrárenská 5, Rolavské Hory · www.rolavska-distribuce.example",
                     "Sans", "RD", "#b4571f")
WATERWORKS = Office("Vodovody a kanalizace Rolava, s. r. o.", "provozní středisko Lipnice nad Rolavou",
                    "U Pily 4, Lipnice nad Rolavou · www.vak-rolava.example", "Sans", "VaK", "#1f5f8f")
SECRETARY = town("kancelář tajemníka")
SCHOOLS = town("odbor školství, kultury a sportu")
GRANTS = town("odbor školství, kultury a sportu", "Sans")
POLICE = town("městská policie")

AGENDA = [
    ("Zahájení, určení ověřovatelů zápisu a schválení programu", "starosta města"),
    ("Kontrola plnění usnesení z 20. zasedání", "kontrolní výbor"),
    ("Zpráva o činnosti rady města", "starosta města"),
    ("Návrh rozpočtu města na příští rok a střednědobý výhled", "finanční odbor"),
    ("Rozpočtové opatření č. 9", "finanční odbor"),
    ("Inventarizace majetku – plán a jmenování komisí", "finanční odbor"),
    ("Závazné ukazatele příspěvkových organizací", "finanční odbor"),
    ("Odpisové plány příspěvkových organizací", "finanční odbor"),
    ("Prodej pozemku p. č. 977/3 v k. ú. Lipnice nad Rolavou", "majetkový odbor"),
    ("Směna pozemků v lokalitě Na Stráni", "majetkový odbor"),
    ("Bezúplatný převod pozemku pod místní komunikací, Tisová", "majetkový odbor"),
    ("Věcné břemeno – vedení 22 kV, Horní Paseky", "majetkový odbor"),
    ("Věcné břemeno – kanalizační přípojka, Mlýnská ulice", "majetkový odbor"),
    ("Výkup pozemků pro cyklostezku podél Rolavy", "majetkový odbor"),
    ("Smlouva o smlouvě budoucí – trafostanice Nad Pilou", "majetkový odbor"),
    ("Obecně závazná vyhláška o místním poplatku za obecní systém odpadového hospodářství", "odbor životního prostředí"),
    ("Obecně závazná vyhláška o místním poplatku ze psů", "finanční odbor"),
    ("Nařízení o zimní údržbě místních komunikací", "odbor dopravy"),
    ("Plán odpadového hospodářství města", "odbor životního prostředí"),
    ("Dotační program Podpora spolkové činnosti", "odbor školství, kultury a sportu"),
    ("Dotace na obnovu kulturních památek", "odbor školství, kultury a sportu"),
    ("Veřejnoprávní smlouva – sbor dobrovolných hasičů", "kancelář tajemníka"),
    ("Veřejnoprávní smlouva – terénní pečovatelská služba", "odbor sociálních věcí"),
    ("Komunitní plán sociálních služeb", "odbor sociálních věcí"),
    ("Přístavba tělocvičny základní školy – schválení záměru a financování", "odbor rozvoje"),
    ("Rekonstrukce veřejného osvětlení, III. etapa", "odbor rozvoje"),
    ("Oprava mostu přes Rolavu v Mlýnské ulici", "odbor dopravy"),
    ("Změna č. 3 územního plánu – informace o postupu", "odbor územního plánování"),
    ("Územní studie Nad Pilou – zadání", "odbor územního plánování"),
    ("Členství ve Svazku obcí Horní Rolava – příspěvek na příští rok", "starosta města"),
    ("Zpráva o bezpečnostní situaci ve městě", "městská policie"),
    ("Plán práce zastupitelstva a výborů", "kancelář tajemníka"),
    ("Odměny členů výborů a komisí", "kancelář tajemníka"),
    ("Podněty občanů a různé", "starosta města"),
]


def paper_name(index):
    """The file of the paper to the `index`-th point, from 1."""
    return f"zm21-bod-{index:02}.pdf"


def _paper(index, subject, submitter):
    rng = random.Random(2100 + index)
    reasons = [
        "Předkladatel navrhuje materiál projednat v předloženém znění. Rada města se jím zabývala na své poslední schůzi a doporučila jej "
        "zastupitelstvu ke schválení.",
        "Materiál byl projednán s dotčenými odbory městského úřadu, jejich připomínky jsou zapracovány. Finanční výbor vzal materiál na vědomí "
        "bez připomínek.",
        "Navržené řešení vychází z usnesení přijatého na předchozím zasedání a nemá vliv na plnění závazných ukazatelů rozpočtu.",
        "Alternativou je ponechání současného stavu; to předkladatel nedoporučuje, protože by došlo k prodlení při čerpání schválených prostředků.",
        "Podrobné podklady jsou k nahlédnutí u předkladatele a na jednání budou promítnuty.",
    ]
    rng.shuffle(reasons)
    costs = rng.choice([0, 0, 45, 120, 260, 480, 1350])
    blocks = [
        ("table", [["Předkladatel", submitter], ["Zpracovatel", f"{submitter} – referent"], ["Projednáno", "rada města; finanční výbor"],
                   ["Dopad na rozpočet", f"{costs} tis. Kč" if costs else "bez dopadu"]], [44, 122], {"head": False}),
        ("h", "Návrh usnesení"),
        f"Zastupitelstvo města <b>{rng.choice(['schvaluje', 'projednalo a schvaluje', 'bere na vědomí'])}</b> materiál k bodu {index} "
        f"„{subject}“ v předloženém znění"
        + (" a ukládá radě města zajistit jeho plnění." if rng.random() < 0.6 else "."),
        ("h", "Důvodová zpráva"),
    ] + reasons[: rng.choice([2, 3, 3, 4])]
    if index == UNION_POINT:
        blocks += _union_shares(rng)
    return blocks


UNION_POINT = 30
"""The one paper of several pages: what each member of the union pays, year by year."""


def _union_shares(rng):
    members = ["Lipnice nad Rolavou", "Horní Paseky", "Jelení", "Rolavské Hory", "Nová Tisová", "Mlýnec", "Vysoká u Lipnice", "Pstruží"]
    counts = sorted((rng.randrange(180, 6200) for _ in members), reverse=True)
    people = dict(zip(members, counts))
    blocks = [("h", "Příloha: příspěvky členských obcí"),
              "Příspěvek se počítá z počtu obyvatel k 1. lednu a ze sazby na obyvatele, kterou schvaluje valná hromada svazku."]
    for year in (2023, 2024, 2025, 2026, 2027, 2028):
        rate = 16 + (year - 2023) * 4
        rows = [["Členská obec", "Počet obyvatel", "Sazba (Kč)", "Příspěvek (Kč)"]]
        rows += [[member, f"{count + (year - 2023) * 7}", f"{rate}", f"{(count + (year - 2023) * 7) * rate:,}".replace(",", " ")]
                 for member, count in people.items()]
        blocks += [("h", f"Rok {year}"), ("table", rows, [62, 34, 30, 40], {}),
                   "Příspěvek je splatný ve dvou stejných dílech do 31. března a do 30. září. Z příspěvků svazek hradí společné projekty, "
                   "zejména údržbu cyklostezek podél Rolavy, společnou úřední desku a poradenství pro menší obce."]
    return blocks


for _index, (_subject, _submitter) in enumerate(AGENDA, 1):

    @document(paper_name(_index))
    def _make(path, index=_index, subject=_subject, submitter=_submitter):
        letter(path, MAYOR if "starosta" in submitter else town(submitter), f"ZM/21/{index:02}", f"Bod č. {index}", _paper(index, subject, submitter),
               None, subtitle=subject, box=False, size=11.5)


@document("pozvanka-21-zasedani.pdf")
def invitation(path):
    letter(
        path, MAYOR, "KS/0921", "POZVÁNKA",
        [
            "Podle § 92 odst. 1 a § 93 odst. 1 zákona č. 128/2000 Sb., o obcích (obecní zřízení), svolávám <b>21. zasedání Zastupitelstva města Lipnice "
            "nad Rolavou</b>.",
            ("table", [
                ["Místo", "velký sál kulturního domu Rolava, Nádražní 18"],
                ["Doba", "středa v 17.00 hodin; datum je uvedeno v popisu oznámení na úřední desce"],
                ["Přenos", "zvukový přenos na www.lipnice.example/zastupitelstvo"],
            ], [30, 136], {"head": False}),
            ("h", "Navržený program"),
            ("ol", [subject for subject, _ in AGENDA[:20]]),
            "Body 21 až 34 jsou uvedeny v podkladech, které jsou vyvěšeny na úřední desce samostatně.",
            "Zasedání je veřejné. Slovo je občanům uděleno ke každému bodu před hlasováním a dále v bodě „Podněty občanů a různé“. Sál je bezbariérově "
            "přístupný, indukční smyčka je k dispozici.",
        ],
        "starosta města", subtitle="na 21. zasedání zastupitelstva města",
    )


@document("pozvanka-20-zasedani.pdf")
def previous_invitation(path):
    letter(path, MAYOR, "KS/0847", "POZVÁNKA", [
        "Svolávám 20. zasedání Zastupitelstva města Lipnice nad Rolavou do velkého sálu kulturního domu Rolava. Zasedání začíná v 17.00 hodin.",
        ("ol", [subject for subject, _ in AGENDA[:9]]),
    ], "starosta města", subtitle="na 20. zasedání zastupitelstva města")


def _job(path, number, role, grade, tasks, wants, office=SECRETARY):
    letter(
        path, office, number, "VEŘEJNÁ VÝZVA",
        [
            "Tajemník Městského úřadu Lipnice nad Rolavou vyhlašuje podle § 6 zákona č. 312/2002 Sb., o úřednících územních samosprávných celků, veřejnou "
            f"výzvu na pracovní místo <b>{role}</b>.",
            ("table", [["Druh práce", role], ["Místo výkonu práce", "Lipnice nad Rolavou"], ["Platová třída", grade],
                       ["Úvazek", "40 hodin týdně, doba neurčitá"], ["Nástup", "dohodou"]], [48, 118], {"head": False}),
            ("h", "Náplň práce"), ("li", tasks), ("h", "Předpoklady a požadavky"), ("li", wants),
            ("h", "Přihláška"),
            "Přihláška obsahuje jméno, příjmení a titul, datum a místo narození, státní příslušnost, místo trvalého pobytu, číslo občanského průkazu, datum "
            "a podpis. Připojí se životopis, výpis z evidence Rejstříku trestů ne starší tří měsíců a ověřená kopie dokladu o nejvyšším dosaženém vzdělání.",
            "Přihlášky se podávají na podatelnu městského úřadu v obálce označené „NEOTVÍRAT – veřejná výzva“ nejpozději v poslední den vyvěšení tohoto "
            "oznámení do 12.00 hodin. Vyhlašovatel může výzvu kdykoli zrušit.",
        ],
        "tajemník městského úřadu", subtitle=role, size=10,
    )


@document("vyberove-rizeni-referent-su.pdf")
def job_building(path):
    _job(path, "KT/0455", "referent stavebního úřadu", "10. platová třída",
         ["vedení řízení o povolení záměru a kolaudaci staveb,", "kontrolní prohlídky a výkon státního dozoru,",
          "poskytování předběžných informací stavebníkům,", "vedení elektronické evidence staveb."],
         ["vzdělání podle stavebního zákona (autorizace výhodou),", "znalost správního řádu a stavebního zákona,",
          "zvláštní odborná způsobilost výhodou,", "řidičský průkaz skupiny B."])


@document("vyberove-rizeni-straznik.pdf")
def job_police(path):
    _job(path, "MP/0102", "strážník městské policie", "8. platová třída",
         ["hlídková činnost na území města a místních částí,", "dohled nad bezpečností u přechodů u základní školy,",
          "odchyt zatoulaných zvířat, příjem nálezů."],
         ["věk nejméně 18 let, střední vzdělání s maturitou,", "bezúhonnost a spolehlivost podle zákona č. 553/1991 Sb., o obecní policii,",
          "zdravotní způsobilost, zbrojní oprávnění výhodou."], POLICE)


@document("konkurs-reditel-zs.pdf")
def job_head(path):
    letter(
        path, SCHOOLS, "OŠK/0318", "KONKURS",
        [
            "Rada města Lipnice nad Rolavou vyhlašuje podle zákona č. 561/2004 Sb., školský zákon, konkursní řízení na pracovní místo "
            "<b>ředitele příspěvkové organizace Základní škola Lipnice nad Rolavou</b>.",
            ("h", "Předpoklady"),
            ("li", ["odborná kvalifikace a praxe podle zákona č. 563/2004 Sb., o pedagogických pracovnících,", "znalost školské legislativy,",
                    "organizační a řídicí schopnosti, bezúhonnost."]),
            ("h", "K přihlášce uchazeč přiloží"),
            ("li", ["koncepci rozvoje školy v rozsahu nejvýše čtyř stran,", "doklady o vzdělání a průběhu zaměstnání,", "strukturovaný životopis,",
                    "lékařské potvrzení o způsobilosti k výkonu činnosti."]),
            "Přihlášky se přijímají do posledního dne vyvěšení. Předpokládaný nástup je k 1. srpnu.",
        ],
        "vedoucí odboru školství, kultury a sportu", subtitle="na místo ředitele Základní školy Lipnice nad Rolavou",
    )


@document("preruseni-elektriny-nadrazni.pdf")
def power_cut(path):
    letter(
        path, DISTRIBUTOR, "RD-110-06-4471", "OZNÁMENÍ O PŘERUŠENÍ DODÁVKY ELEKTŘINY",
        [
            "Podle § 25 zákona č. 458/2000 Sb., energetický zákon, oznamujeme, že z důvodu plánovaných prací na zařízení distribuční soustavy bude "
            "přerušena dodávka elektřiny. Den přerušení je uveden v popisu oznámení na úřední desce.",
            ("table", [
                ["Ulice", "Čísla popisná", "Od – do"],
                ["Nádražní", "12, 14, 16, 18, 20, 22, 31–47 lichá", "8.00–14.00"],
                ["Tovární", "celá ulice včetně areálu bývalé sklárny", "8.00–14.00"],
                ["U Pily", "1–9, 11, 15, parcela č. 1140/2", "8.00–12.00"],
                ["Lesní", "garáže p. č. 1201/1 až 1201/24", "10.00–12.00"],
            ], [34, 92, 40]),
            "Dodávka může být obnovena i dříve. Žádáme odběratele, aby z bezpečnostních důvodů považovali zařízení po celou dobu za zařízení pod napětím. "
            "V uvedené době je zakázáno provozovat náhradní zdroje bez souhlasu provozovatele.",
            "Případné dotazy zodpoví zákaznická linka uvedená na www.rolavska-distribuce.example.",
        ],
        None, subtitle="Lipnice nad Rolavou – Nádražní, Tovární, U Pily", box=False, size=11.5,
    )


@document("preruseni-vody-sidliste.pdf")
def water_cut(path):
    letter(
        path, WATERWORKS, "VaK/2207", "PŘERUŠENÍ DODÁVKY PITNÉ VODY",
        [
            "Z důvodu výměny šoupátek na vodovodním řadu DN 150 bude v lokalitě <b>Sídliště</b> a v ulici <b>Lesní</b> přerušena dodávka pitné vody od 7.30 "
            "do 15.00 hodin v den uvedený v popisu oznámení.",
            ("li", ["náhradní zásobování: cisterna u mateřské školy a u domu č. p. 318,", "po obnovení dodávky nechte vodu několik minut odtéci,",
                    "krátkodobý zákal není na závadu zdraví."]),
            "Děkujeme za pochopení. Poruchová služba je dostupná nepřetržitě na čísle uvedeném na faktuře.",
        ],
        None, subtitle="Sídliště a Lesní ulice", box=False, size=12.5,
    )


@document("ozv-mistni-poplatek-odpady.pdf")
def ordinance(path):
    letter(
        path, MAYOR, "OZV č. 2", "OZNÁMENÍ O VYHLÁŠENÍ PRÁVNÍHO PŘEDPISU",
        [
            "Město Lipnice nad Rolavou oznamuje podle § 3 odst. 2 zákona č. 35/2021 Sb., o Sbírce právních předpisů územních samosprávných celků a některých "
            "správních úřadů, že ve Sbírce byla vyhlášena <b>obecně závazná vyhláška o místním poplatku za obecní systém odpadového hospodářství</b>.",
            ("h", "Z obsahu vyhlášky"),
            ("table", [
                ["Článek", "Obsah"],
                ["Čl. 1", "Úvodní ustanovení – poplatek se zavádí podle zákona č. 565/1990 Sb., o místních poplatcích"],
                ["Čl. 2", "Předmět poplatku a poplatník"],
                ["Čl. 3", "Poplatkové období – kalendářní rok"],
                ["Čl. 4", "Ohlašovací povinnost – do 30 dnů od vzniku poplatkové povinnosti"],
                ["Čl. 5", "Sazba poplatku – 900 Kč"],
                ["Čl. 6", "Splatnost – ve dvou splátkách, do 31. března a do 30. září"],
                ["Čl. 7", "Osvobození a úlevy – děti do 6 let, osoby starší 75 let sleva 40 %"],
                ["Čl. 8", "Přechodná a zrušovací ustanovení"],
            ], [24, 142]),
            "Úplné znění je dostupné ve Sbírce právních předpisů a k nahlédnutí v kanceláři tajemníka, Náměstí 1, kancelář č. 201. Vyhláška nabývá účinnosti "
            "počátkem prvního dne příštího roku.",
        ],
        "starosta města", subtitle="obecně závazná vyhláška o místním poplatku za odpady",
    )


@document("volby-pocet-a-sidla-okrsku.pdf")
def precincts(path):
    letter(
        path, MAYOR, "OVV/1301", "INFORMACE STAROSTY",
        [
            "Starosta města Lipnice nad Rolavou oznamuje počet a sídla volebních okrsků na území města pro nejbližší volby.",
            ("table", [
                ["Okrsek", "Sídlo volební místnosti", "Území"],
                ["1", "základní škola, Školní 2 (bezbariérový vstup)", "Náměstí, Školní, Mlýnská, Na Stráni"],
                ["2", "kulturní dům Rolava, Nádražní 18", "Nádražní, Tovární, U Pily, Karlovarská"],
                ["3", "mateřská škola, Sídliště 320", "Sídliště, Lesní"],
                ["4", "obecní dům, Tisová č. p. 3", "místní část Tisová"],
                ["5", "hasičská zbrojnice, Horní Paseky č. p. 40", "Horní Paseky, Jelení"],
            ], [20, 74, 72], {"numbers": (0,)}),
            "Celkový počet volebních okrsků je 5. Voliči, který se nemůže ze závažných, zejména zdravotních důvodů dostavit do volební místnosti, umožní okrsková "
            "komise na požádání hlasovat do přenosné schránky v územním obvodu okrsku.",
        ],
        "starosta města", subtitle="o počtu a sídle volebních okrsků",
    )


@document("vyzva-spolkova-cinnost.pdf")
def grant_call(path):
    letter(
        path, GRANTS, "OŠK/0402", "VÝZVA K PODÁVÁNÍ ŽÁDOSTÍ",
        [
            "Město Lipnice nad Rolavou vyhlašuje podle § 10c zákona č. 250/2000 Sb., o rozpočtových pravidlech územních rozpočtů, dotační program "
            "<b>Podpora spolkové činnosti</b> na příští rok.",
            ("h", "1. Účel"), "Pravidelná činnost dětí a mládeže, sportovní, kulturní a komunitní akce konané na území města, péče o drobné památky a krajinu.",
            ("h", "2. Objem a výše dotace"),
            ("table", [
                ["Opatření", "Alokace", "Dotace na žádost", "Spoluúčast"],
                ["A – pravidelná činnost mládeže", "620 000 Kč", "10 000–80 000 Kč", "20 %"],
                ["B – jednorázové akce", "280 000 Kč", "5 000–40 000 Kč", "30 %"],
                ["C – drobné památky a krajina", "150 000 Kč", "5 000–50 000 Kč", "10 %"],
                ["Celkem", "1 050 000 Kč", "", ""],
            ], [62, 34, 42, 28], {"numbers": (1, 2, 3), "bold_rows": (-1,)}),
            ("h", "3. Okruh způsobilých žadatelů"), "Spolky, pobočné spolky, obecně prospěšné společnosti a účelová zařízení církví se sídlem nebo činností na území města.",
            ("h", "4. Podání žádosti"),
            "Žádosti se podávají na formuláři od třicátého prvního dne po vyvěšení do konce lhůty uvedené v popisu oznámení, osobně na podatelně nebo datovou "
            "schránkou. Na jednu akci lze podat jednu žádost.",
            ("h", "5. Hodnocení"),
            ("table", [["Kritérium", "Body"], ["přínos pro občany města, počet účastníků", "0–40"], ["práce s dětmi, mládeží a seniory", "0–30"],
                       ["tradice a zkušenost žadatele", "0–15"], ["přiměřenost rozpočtu", "0–15"]], [126, 40], {"numbers": (1,)}),
            "O poskytnutí dotace rozhodne zastupitelstvo do 60 dnů od konce lhůty. Na dotaci není právní nárok.",
        ],
        "vedoucí odboru školství, kultury a sportu", subtitle="program Podpora spolkové činnosti", size=10.5, box=False,
    )


def fire_contract(path):
    """Source of a multi-page TIFF."""
    letter(
        path, MAYOR, "VPS/044", "VEŘEJNOPRÁVNÍ SMLOUVA",
        [
            "uzavřená podle § 10a odst. 5 zákona č. 250/2000 Sb., o rozpočtových pravidlech územních rozpočtů, mezi smluvními stranami:",
            ("table", [["Poskytovatel", "město Lipnice nad Rolavou, Náměstí 1"], ["Příjemce", "sbor dobrovolných hasičů Lipnice nad Rolavou, pobočný spolek"]],
             [40, 126], {"head": False}),
            ("h", "Čl. I – Předmět smlouvy"), "Poskytovatel poskytne příjemci neinvestiční dotaci ve výši <b>186 000 Kč</b> (slovy: jedno sto osmdesát šest tisíc korun českých) na "
            "činnost mládeže, údržbu výstroje a provoz hasičské zbrojnice.",
            ("h", "Čl. II – Doba čerpání"), "Dotaci lze použít na náklady vzniklé v rozpočtovém roce, ve kterém byla smlouva uzavřena.",
            ("h", "Čl. III – Povinnosti příjemce"),
            ("ol", ["použít dotaci hospodárně a výhradně k účelu uvedenému v čl. I,", "vést o čerpání oddělenou účetní evidenci,",
                    "předložit vyúčtování na předepsaném formuláři do 31. ledna následujícího roku,", "vrátit nevyčerpané prostředky do 15 dnů od vyúčtování,",
                    "umožnit poskytovateli kontrolu hospodaření s dotací."]),
            ("h", "Čl. IV – Porušení rozpočtové kázně"), "Při porušení rozpočtové kázně se postupuje podle § 22 zákona č. 250/2000 Sb. Za pozdní předložení vyúčtování o nejvýše 14 dnů se "
            "odvod stanoví ve výši 5 % dotace.",
            ("h", "Čl. V – Závěrečná ustanovení"),
            "Smlouva nabývá platnosti a účinnosti dnem podpisu poslední smluvní stranou. Smlouva bude zveřejněna na úřední desce po dobu tří let. Uzavření smlouvy schválilo zastupitelstvo "
            "města na svém zasedání. Smlouva je vyhotovena ve dvou stejnopisech.",
        ],
        "za poskytovatele: starosta města\nza příjemce: starosta sboru", subtitle="o poskytnutí dotace z rozpočtu města", box=False,
        size=12.6,
    )
