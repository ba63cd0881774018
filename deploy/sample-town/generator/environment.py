"""Environment, trees, the union of towns."""

from .letter import Office, letter, town
from .registry import document

REGION = Office("Krajský úřad Rolavského kraje", "odbor životního prostředí a zemědělství", "Krajská 100, Rolavské Hory · www.rolavskykraj.example", "Sans", "KÚ",
                "#2f6b3c")
ENVIRONMENT = town("odbor životního prostředí")
UNION = Office("Svazek obcí Horní Rolava", "IČO 00990017", "Náměstí 1, Lipnice nad Rolavou · www.horni-rolava.example", "Sans", "HR", "#1f4e5f")


@document("eia-rekreacni-areal-jeleni.pdf")
def eia(path):
    letter(
        path, REGION, "KÚ/ŽP/3381/25", "INFORMACE O OZNÁMENÍ ZÁMĚRU",
        [
            "Krajský úřad jako příslušný úřad zveřejňuje podle § 16 zákona č. 100/2001 Sb., o posuzování vlivů na životní prostředí, informaci o oznámení záměru "
            "<b>„Rekreační areál Jelení“</b> a o zahájení zjišťovacího řízení.",
            ("table", [
                ["Oznamovatel", "Areál Jelení, s. r. o."], ["Umístění", "k. ú. Jelení, p. č. 1360/1, 1362, 1371/4"],
                ["Kapacita", "48 chat, recepce, koupací jezírko 1 150 m², 96 parkovacích stání"], ["Zastavěná plocha", "3 940 m²"],
                ["Předpokládaná doba výstavby", "18 měsíců"],
            ], [56, 110], {"head": False}),
            "Záměr je umístěn na okraji místní části Jelení, mimo zvláště chráněná území. Nejbližší prvek územního systému ekologické stability je lokální biokoridor "
            "podél Jeleního potoka, jehož se dotýká úpravou břehu v délce 60 m.",
            "Veřejnost, dotčená veřejnost, dotčené orgány a dotčené územní samosprávné celky mohou zaslat písemné vyjádření k oznámení příslušnému úřadu do 30 dnů ode "
            "dne zveřejnění této informace. Do oznámení lze nahlédnout na krajském úřadě, na městském úřadě (kancelář č. 118) a v informačním systému EIA.",
            "Městský úřad žádáme o bezodkladné vyvěšení informace na úřední desce a o vrácení potvrzeného vyhotovení.",
        ],
        "vedoucí odboru životního prostředí a zemědělství", subtitle="zahájení zjišťovacího řízení", stamp="Krajský úřad Rolavského kraje", stamp_mark="KÚ",
    )


@document("kaceni-drevin-alej-u-hrbitova.pdf")
def trees(path):
    letter(
        path, ENVIRONMENT, "OŽP/1833", "OZNÁMENÍ O ZAHÁJENÍ ŘÍZENÍ",
        [
            "Městský úřad Lipnice nad Rolavou jako příslušný orgán ochrany přírody oznamuje zahájení řízení o povolení kácení dřevin rostoucích mimo les podle § 8 odst. 1 "
            "zákona č. 114/1992 Sb., o ochraně přírody a krajiny.",
            ("table", [
                ["Č.", "Druh", "Obvod kmene (130 cm)", "Stav"],
                ["1", "lípa srdčitá", "246 cm", "dutina v patě kmene, náklon 12°"],
                ["2", "lípa srdčitá", "231 cm", "rozsáhlé prosychání koruny"],
                ["3", "jasan ztepilý", "188 cm", "odumřelý"],
                ["4", "jírovec maďal", "205 cm", "tlakové větvení, prasklina"],
            ], [12, 44, 46, 64], {"numbers": (0, 2)}),
            "Stromy rostou v aleji u hřbitova na pozemku p. č. 734/1 v k. ú. Lipnice nad Rolavou. Kácení se navrhuje v době vegetačního klidu. Jako náhradní výsadba je navrženo "
            "osm lip o obvodu kmínku 14–16 cm s pětiletou následnou péčí.",
            "Spolky, jejichž hlavním posláním je ochrana přírody a krajiny, mohou oznámit účast v řízení písemně do osmi dnů ode dne zveřejnění.",
            "Místní šetření se koná na místě, sraz u brány hřbitova; termín je uveden v popisu oznámení.",
        ],
        "vedoucí odboru životního prostředí", subtitle="povolení kácení dřevin – alej u hřbitova", attachments=["Snímek aleje (JPEG)"],
    )


@document("svazek-navrh-rozpoctu.pdf")
def union_budget(path):
    letter(
        path, UNION, "SOHR/31", "NÁVRH ROZPOČTU SVAZKU OBCÍ",
        [
            "Svazek obcí Horní Rolava zveřejňuje podle § 39 zákona č. 250/2000 Sb., o rozpočtových pravidlech územních rozpočtů, návrh rozpočtu na příští rok. Návrh se "
            "zveřejňuje na úředních deskách všech členských obcí.",
            ("table", [
                ["Příjmy", "tis. Kč"], ["Příspěvky členských obcí (9 obcí, 60 Kč na obyvatele)", "1 086"], ["Dotace z rozpočtu kraje – společné informační tabule", "740"],
                ["Příjmy z poskytování služeb (pověřenec, veřejné zakázky)", "312"], ["Příjmy z úroků", "18"], ["Příjmy celkem", "2 156"],
            ], [130, 36], {"numbers": (1,), "bold_rows": (-1,)}),
            ("table", [
                ["Výdaje", "tis. Kč"], ["Platy a dohody včetně odvodů", "968"], ["Společné informační tabule – provoz a servis", "420"], ["Cyklostezka podél Rolavy – projektová příprava", "380"],
                ["Školení zastupitelů a úředníků", "64"], ["Účetnictví, audit, bankovní poplatky", "98"], ["Propagace regionu", "126"], ["Rezerva", "100"], ["Výdaje celkem", "2 156"],
            ], [130, 36], {"numbers": (1,), "bold_rows": (-1,)}),
            "Rozpočet je navržen jako vyrovnaný. Připomínky mohou občané členských obcí uplatnit písemně ve lhůtě stanovené při zveřejnění, nebo ústně na zasedání shromáždění "
            "starostů, na kterém bude návrh projednán.",
        ],
        "předseda svazku obcí", subtitle="Svazek obcí Horní Rolava – příští rok", stamp="Svazek obcí Horní Rolava", stamp_mark="HR",
    )
