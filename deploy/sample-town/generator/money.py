"""The town's accounts: the draft budget of forty pages, the final account, a budget measure on landscape pages."""

import random


from .czech import money
from .letter import letter, town
from .registry import document

FINANCE = town("finanční odbor", "Sans")

INCOME = [
    ("1111", "Daň z příjmů fyzických osob placená plátci", 14200), ("1112", "Daň z příjmů fyzických osob placená poplatníky", 980),
    ("1113", "Daň z příjmů fyzických osob vybíraná srážkou", 2650), ("1121", "Daň z příjmů právnických osob", 19800),
    ("1122", "Daň z příjmů právnických osob za obce", 1450), ("1211", "Daň z přidané hodnoty", 41600),
    ("1334", "Odvody za odnětí půdy ze zemědělského půdního fondu", 20), ("1341", "Poplatek ze psů", 185),
    ("1343", "Poplatek za užívání veřejného prostranství", 240), ("1345", "Poplatek za obecní systém odpadového hospodářství", 3980),
    ("1361", "Správní poplatky", 760), ("1381", "Daň z hazardních her", 1320), ("1511", "Daň z nemovitých věcí", 3640),
    ("2111", "Příjem z poskytování služeb, výrobků, prací, výkonů a práv", 2870), ("2119", "Ostatní příjmy z vlastní činnosti", 410),
    ("2131", "Příjem z pronájmu nebo pachtu pozemků", 1140), ("2132", "Příjem z pronájmu nebo pachtu ostatních nemovitých věcí", 6720),
    ("2141", "Příjem z úroků", 890), ("2212", "Příjem sankčních plateb", 320), ("2324", "Přijaté neinvestiční příspěvky a náhrady", 960),
    ("3111", "Příjem z prodeje pozemků", 2400), ("3112", "Příjem z prodeje ostatních nemovitých věcí", 1800),
    ("4112", "Neinvestiční přijaté transfery v rámci souhrnného dotačního vztahu", 7930),
    ("4116", "Ostatní neinvestiční přijaté transfery ze státního rozpočtu", 3110), ("4122", "Neinvestiční přijaté transfery od krajů", 640),
    ("4216", "Ostatní investiční přijaté transfery ze státního rozpočtu", 9800),
]

SPENDING = [
    ("1014", "Ozdravování hospodářských zvířat, útulek"), ("1031", "Pěstební činnost"), ("2143", "Cestovní ruch"), ("2212", "Silnice"),
    ("2219", "Ostatní záležitosti pozemních komunikací"), ("2292", "Dopravní obslužnost"), ("2310", "Pitná voda"),
    ("2321", "Odvádění a čištění odpadních vod"), ("2333", "Úpravy drobných vodních toků"), ("3111", "Mateřské školy"), ("3113", "Základní školy"),
    ("3141", "Školní stravování"), ("3231", "Základní umělecké školy"), ("3314", "Činnosti knihovnické"), ("3319", "Ostatní záležitosti kultury"),
    ("3326", "Pořízení, zachování a obnova hodnot místního povědomí"), ("3349", "Ostatní záležitosti sdělovacích prostředků"),
    ("3392", "Zájmová činnost v kultuře"), ("3412", "Sportovní zařízení ve vlastnictví obce"), ("3419", "Ostatní sportovní činnost"),
    ("3421", "Využití volného času dětí a mládeže"), ("3612", "Bytové hospodářství"), ("3613", "Nebytové hospodářství"), ("3631", "Veřejné osvětlení"),
    ("3632", "Pohřebnictví"), ("3635", "Územní plánování"), ("3639", "Komunální služby a územní rozvoj"), ("3722", "Sběr a svoz komunálních odpadů"),
    ("3745", "Péče o vzhled obcí a veřejnou zeleň"), ("4351", "Osobní asistence, pečovatelská služba"), ("5212", "Ochrana obyvatelstva"),
    ("5311", "Bezpečnost a veřejný pořádek"), ("5512", "Požární ochrana – dobrovolná část"), ("6112", "Zastupitelstva obcí"),
    ("6171", "Činnost místní správy"), ("6310", "Obecné příjmy a výdaje z finančních operací"), ("6320", "Pojištění funkčně nespecifikované"),
    ("6399", "Ostatní finanční operace"),
]

ITEMS = [
    ("5011", "Platy zaměstnanců v pracovním poměru", 900), ("5021", "Ostatní osobní výdaje", 120), ("5031", "Povinné pojistné na sociální zabezpečení", 220),
    ("5032", "Povinné pojistné na veřejné zdravotní pojištění", 82), ("5136", "Knihy, učební pomůcky a tisk", 14),
    ("5137", "Drobný dlouhodobý hmotný majetek", 130), ("5139", "Nákup materiálu jinde nezařazený", 95), ("5151", "Studená voda včetně stočného", 46),
    ("5153", "Plyn", 160), ("5154", "Elektrická energie", 240), ("5156", "Pohonné hmoty a maziva", 55), ("5162", "Služby elektronických komunikací", 38),
    ("5164", "Nájemné", 42), ("5166", "Konzultační, poradenské a právní služby", 90), ("5169", "Nákup ostatních služeb", 410),
    ("5171", "Opravy a udržování", 620), ("5173", "Cestovné", 12), ("5222", "Neinvestiční transfery spolkům", 260), ("5331", "Neinvestiční příspěvky zřízeným organizacím", 2400),
    ("6119", "Ostatní nákupy dlouhodobého nehmotného majetku", 180), ("6121", "Stavby", 3800), ("6122", "Stroje, přístroje a zařízení", 640),
]

COMMENTS = [
    "Výdaje vycházejí ze skutečnosti běžného roku a z uzavřených smluv. Nárůst proti schválenému rozpočtu způsobuje především cena energií a mzdové náklady.",
    "Prostředky na opravy jsou navrženy podle zásobníku akcí, který projednala komise rozvoje. Pořadí akcí se řídí technickým stavem.",
    "Část výdajů bude kryta dotací; do jejího přiznání jsou prostředky vázány a akce nebude zahájena.",
    "Příspěvek zřízené organizaci obsahuje odpisy a provozní část. Závazné ukazatele schvaluje zastupitelstvo samostatným bodem.",
    "Položka je stanovena podle plánu investic a rozpočtována v jednom roce; nedočerpané prostředky se převedou do dalšího období.",
    "Smluvní závazky přesahující rozpočtový rok jsou uvedeny v příloze střednědobého výhledu.",
]


def _budget_blocks():
    rng = random.Random(40)
    blocks = [
        "Finanční odbor předkládá návrh rozpočtu města na příští rok a střednědobý výhled na tři následující roky. Návrh se zveřejňuje podle § 11 zákona "
        "č. 250/2000 Sb., o rozpočtových pravidlech územních rozpočtů, na úřední desce a způsobem umožňujícím dálkový přístup až do schválení rozpočtu.",
        "Připomínky k návrhu mohou občané města uplatnit písemně ve lhůtě stanovené při jeho zveřejnění nebo ústně při jeho projednávání na zasedání "
        "zastupitelstva. Všechny částky jsou uvedeny v tisících Kč.",
    ]
    income = [(code, name, round(base * rng.uniform(0.93, 1.02)), round(base * rng.uniform(0.97, 1.05)), base) for code, name, base in INCOME]
    income_total = sum(row[4] for row in income)
    chapters, spending_total = [], 0
    for code, name in SPENDING:
        size = {"6171": 3.4, "3113": 2.1, "2212": 1.9, "3412": 1.3, "3111": 1.2}.get(code, rng.uniform(0.14, 0.95))
        rows, subtotal = [], [0, 0, 0]
        for item, label, base in ITEMS:
            if rng.random() < (0.86 if size > 1 else 0.55) or item == "5169":
                draft = max(1, round(base * size * rng.uniform(0.3, 1.2) / 1.07))
                approved, actual = round(draft * rng.uniform(0.82, 1.06)), round(draft * rng.uniform(0.78, 1.0))
                subtotal = [a + b for a, b in zip(subtotal, (approved, actual, draft))]
                rows.append((item, label, approved, actual, draft))
        spending_total += subtotal[2]
        chapters.append((code, name, rows, subtotal))
    groups = {"1": "Daňové příjmy", "2": "Nedaňové příjmy", "3": "Kapitálové příjmy", "4": "Přijaté transfery"}
    blocks += [("h", "1. Souhrn"), ("table", [["Ukazatel", "Návrh (tis. Kč)"]]
               + [[label, money(sum(row[4] for row in income if row[0][0] == key))] for key, label in groups.items()]
               + [["Příjmy celkem", money(income_total)], ["Běžné výdaje", money(sum(r[4] for c in chapters for r in c[2] if r[0][0] == "5"))],
                  ["Kapitálové výdaje", money(sum(r[4] for c in chapters for r in c[2] if r[0][0] == "6"))], ["Výdaje celkem", money(spending_total)],
                  ["Financování – změna stavu na bankovních účtech", money(spending_total - income_total)]],
                [126, 40], {"numbers": (1,), "bold_rows": (5, 8)})]
    blocks += [("page",), ("h", "2. Příjmy podle položek"), ("table", [["Položka", "Název", "Schválený rozpočet", "Očekávaná skutečnost", "Návrh"]]
               + [[c, n, money(a), money(b), money(d)] for c, n, a, b, d in income]
               + [["", "Příjmy celkem", money(sum(r[2] for r in income)), money(sum(r[3] for r in income)), money(income_total)]],
                [18, 82, 23, 24, 19], {"numbers": (2, 3, 4), "bold_rows": (-1,)})]
    for number, (code, name, rows, subtotal) in enumerate(chapters, 1):
        blocks.append(("page",) if number != len(chapters) else ("space", 16))
        blocks += [("h", f"3.{number} Paragraf {code} – {name}"),
                   ("table", [["Položka", "Název", "Schválený rozpočet", "Očekávaná skutečnost", "Návrh"]]
                    + [[i, label, money(a), money(b), money(d)] for i, label, a, b, d in rows]
                    + [["", f"§ {code} celkem", *(money(v) for v in subtotal)]], [18, 82, 23, 24, 19], {"numbers": (2, 3, 4), "bold_rows": (-1,)}),
                   "<b>Komentář.</b> " + rng.choice(COMMENTS), rng.choice(COMMENTS)]
    outlook, value = [], income_total
    for label, base in (("Daňové příjmy", 0.71), ("Nedaňové příjmy", 0.11), ("Kapitálové příjmy", 0.02), ("Přijaté transfery", 0.16)):
        outlook.append([label] + [money(round(value * base * step)) for step in (1.02, 1.04, 1.06)])
    blocks += [("space", 12), ("h", "4. Střednědobý výhled (tis. Kč)"), ("table", [["Ukazatel", "1. rok výhledu", "2. rok výhledu", "3. rok výhledu"]] + outlook
               + [["Splátky jistin úvěrů", money(2400), money(2400), money(1200)]], [76, 30, 30, 30], {"numbers": (1, 2, 3)})]
    return blocks


@document("navrh-rozpoctu-mesta.pdf")
def draft_budget(path):
    letter(path, FINANCE, "FO/0771", "NÁVRH ROZPOČTU MĚSTA", _budget_blocks(), "vedoucí finančního odboru",
           subtitle="na příští rok a střednědobý výhled rozpočtu", size=10.5)


@document("rozpoctove-opatreni-c-9.pdf")
def measure(path):
    rng = random.Random(9)
    head = ["Poř.", "Ozn.", "Paragraf", "Položka", "ÚZ", "Text", "Schválený rozpočet", "Před změnou", "Změna", "Po změně"]

    def table(entries):
        rows, sums = [head], [0, 0, 0, 0]
        for i, (paragraph, item, mark, text, change) in enumerate(entries, 1):
            approved = rng.randrange(5, 400) * 10_000
            before = approved + rng.choice([0, 0, 45_000, -20_000, 130_000])
            sums = [s + v for s, v in zip(sums, (approved, before, change, before + change))]
            rows.append([i, "P" if not paragraph else "V", paragraph, item, mark, text, money(approved), money(before), money(change), money(before + change)])
        return [*rows, ["", "", "", "", "", "Celkem", *(money(v) for v in sums)]]

    widths = [12, 12, 19, 17, 19, 78, 26, 25, 22, 23]
    look = {"numbers": (0, 6, 7, 8, 9), "bold_rows": (-1,), "size": 9}
    income = [("", "4116", "13013", "Dotace – veřejně prospěšné práce", 214_500), ("", "4122", "00415", "Dotace kraje – sbor dobrovolných hasičů", 86_000),
              ("", "1121", "", "Daň z příjmů právnických osob – vyšší plnění", 640_000), ("", "1211", "", "Daň z přidané hodnoty", 380_000),
              ("", "2324", "", "Přijatá pojistná náhrada – lávka u sklárny", 118_400), ("", "2132", "", "Pronájem nebytových prostor", -25_000),
              ("", "3111", "", "Prodej pozemku p. č. 977/3", 410_000)]
    spend = [("3113", "5331", "", "Základní škola – příspěvek na provoz, energie", 320_000), ("2212", "5171", "", "Opravy výtluků po zimě", 260_000),
             ("5512", "5137", "00415", "Hasiči – zásahové obleky", 86_000), ("3639", "5011", "13013", "Platy – veřejně prospěšné práce", 160_000),
             ("3639", "5031", "13013", "Sociální pojištění", 40_000), ("3639", "5032", "13013", "Zdravotní pojištění", 14_500),
             ("2219", "6121", "", "Lávka u sklárny – oprava mostovky", 298_400), ("3412", "6121", "", "Tělocvična – projektová dokumentace", 190_000),
             ("3631", "6121", "", "Veřejné osvětlení, III. etapa", 220_000), ("3745", "5169", "", "Péče o zeleň – zálivka a výsadby", 74_000),
             ("6171", "5169", "", "Místní správa – digitalizace spisů", 110_000), ("6171", "5172", "", "Programové vybavení", -65_000),
             ("3722", "5169", "", "Svoz odpadů – navýšení ceny", 145_000), ("3632", "5171", "", "Hřbitov – oprava zdi", 96_000),
             ("6399", "5362", "", "Platby daní – DPH", -126_000)]
    total_in, total_out = sum(row[4] for row in income), sum(row[4] for row in spend)
    letter(
        path, FINANCE, "FO/0744", "ROZPOČTOVÉ OPATŘENÍ Č. 9",
        ["Rada města schválila podle § 16 zákona č. 250/2000 Sb., o rozpočtových pravidlech územních rozpočtů, tuto změnu rozpočtu (částky v Kč):",
         ("h", "Příjmy"), ("table", table(income), widths, look), ("page",), ("h", "Výdaje"), ("table", table(spend), widths, look), ("page",), ("h", "Financování"),
         ("table", [["Položka", "Text", "Změna (Kč)"], ["8115", "Změna stavu krátkodobých prostředků na bankovních účtech", money(total_out - total_in)]], [30, 160, 63],
          {"numbers": (2,)}),
         f"Příjmy se zvyšují o {money(total_in)} Kč, výdaje o {money(total_out)} Kč. Rozdíl je kryt změnou stavu prostředků na bankovních účtech. "
         "Rozpočtové opatření se zveřejňuje do 30 dnů ode dne schválení na internetových stránkách města a na úřední desce je oznámeno, kde lze nahlédnout do listinné podoby."],
        "vedoucí finančního odboru", subtitle="schválené radou města", wide=True, size=10.5, box=False,
    )


@document("zaverecny-ucet-mesta.pdf")
def final_account(path):
    rng = random.Random(17)

    def rows(names):
        out, sums = [["Ukazatel", "Schválený rozpočet", "Upravený rozpočet", "Skutečnost", "% plnění"]], [0, 0, 0]
        for name, base in names:
            plan = base * 1000
            changed, real = round(plan * rng.uniform(0.98, 1.16)), 0
            real = round(changed * rng.uniform(0.86, 1.02))
            sums = [a + b for a, b in zip(sums, (plan, changed, real))]
            out.append([name, money(plan), money(changed), money(real), f"{100 * real / changed:.1f}".replace(".", ",")])
        return [*out, ["Celkem", *(money(v) for v in sums), f"{100 * sums[2] / sums[1]:.1f}".replace(".", ",")]]

    look, widths = {"numbers": (1, 2, 3, 4), "bold_rows": (-1,)}, [58, 30, 30, 30, 18]
    letter(
        path, FINANCE, "FO/0380", "ZÁVĚREČNÝ ÚČET MĚSTA",
        ["Závěrečný účet města Lipnice nad Rolavou za předchozí rok je sestaven podle § 17 zákona č. 250/2000 Sb., o rozpočtových pravidlech územních rozpočtů. Částky jsou v Kč.",
         ("h", "1. Plnění příjmů"), ("table", rows([("Daňové příjmy", 88_300), ("Nedaňové příjmy", 12_840), ("Kapitálové příjmy", 4_120), ("Přijaté transfery", 21_480)]), widths, look),
         ("h", "2. Plnění výdajů"), ("table", rows([("Doprava a komunikace", 15_400), ("Vodní hospodářství", 7_900), ("Vzdělávání", 21_800), ("Kultura", 6_100), ("Tělovýchova", 8_700),
                                                  ("Bydlení a komunální služby", 16_900), ("Ochrana životního prostředí", 9_800), ("Sociální služby", 4_100),
                                                  ("Bezpečnost a požární ochrana", 5_200), ("Samospráva a správa", 28_400)]), widths, look),
         ("h", "3. Hospodářská činnost a majetek"), "Město nevykonává hospodářskou činnost. Inventarizace majetku byla provedena ke konci roku, inventarizační rozdíly nebyly zjištěny.",
         ("h", "4. Stav účelových fondů"),
         ("table", [["Fond", "Počáteční stav", "Tvorba", "Použití", "Konečný stav"], ["Sociální fond", money(412_300), money(690_000), money(655_180), money(447_120)],
                    ["Fond rozvoje bydlení", money(1_884_010), money(212_400), money(300_000), money(1_796_410)], ["Povodňový fond", money(750_000), money(50_000), money(0), money(800_000)]],
          [50, 30, 28, 28, 30], {"numbers": (1, 2, 3, 4)}),
         ("h", "5. Hospodaření příspěvkových organizací"),
         ("table", [["Organizace", "Příspěvek zřizovatele", "Výsledek hospodaření"], ["Základní škola Lipnice nad Rolavou", money(6_480_000), money(84_212)],
                    ["Mateřská škola Lipnice nad Rolavou", money(2_310_000), money(12_907)], ["Kulturní dům Rolava", money(3_950_000), money(-41_336)],
                    ["Technické služby Lipnice", money(11_200_000), money(203_551)]], [86, 40, 40], {"numbers": (1, 2)}),
         ("h", "6. Vyúčtování finančních vztahů"), "Finanční vypořádání dotací ze státního rozpočtu a z rozpočtu kraje bylo provedeno v termínu. Vratky byly odvedeny v plné výši.",
         ("h", "7. Přezkoumání hospodaření"), "Přezkoumání provedl krajský úřad. Zpráva o výsledku přezkoumání je nedílnou součástí závěrečného účtu a je vyvěšena jako samostatná příloha.",
         "Závěrečný účet schválilo zastupitelstvo města s vyjádřením souhlasu s celoročním hospodařením, a to bez výhrad."],
        "vedoucí finančního odboru", subtitle="za předchozí rok", size=10.5,
    )


@document("zaverecny-ucet-zprava-o-prezkoumani.pdf")
def review(path):
    from .environment import REGION

    letter(
        path, REGION, "KÚ/EK/1140/25", "ZPRÁVA O VÝSLEDKU PŘEZKOUMÁNÍ HOSPODAŘENÍ",
        ["Přezkoumání se uskutečnilo na základě žádosti města Lipnice nad Rolavou v souladu se zákonem č. 420/2004 Sb., o přezkoumávání hospodaření územních samosprávných celků.",
         ("h", "A. Předmět přezkoumání"), ("li", ["plnění příjmů a výdajů rozpočtu včetně peněžních operací týkajících se rozpočtových prostředků,", "finanční operace týkající se tvorby a použití peněžních fondů,",
                                               "nakládání s majetkem a hospodaření s ním,", "zadávání a uskutečňování veřejných zakázek,", "stav pohledávek a závazků a nakládání s nimi."]),
         ("h", "B. Zjištění"), "Při dílčím přezkoumání byl zjištěn nedostatek: rozpočtové opatření č. 4 bylo zveřejněno po lhůtě 30 dnů. Nedostatek byl napraven.",
         ("h", "C. Závěr"), "<b>Nebyly zjištěny chyby a nedostatky</b> kromě méně závažných, které byly v průběhu přezkoumání napraveny.",
         ("table", [["Ukazatel", "Hodnota"], ["Podíl pohledávek na rozpočtu", "1,42 %"], ["Podíl závazků na rozpočtu", "2,07 %"], ["Podíl zastaveného majetku na celkovém majetku", "0,00 %"]],
          [126, 40], {"numbers": (1,)})],
        "vedoucí odboru kontroly", stamp="Krajský úřad Rolavského kraje", stamp_mark="KÚ", box=False, subtitle="města Lipnice nad Rolavou",
    )


