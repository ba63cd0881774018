"""The town's plan until 2035: a document of no notice, shown on an information page."""

from .letter import Office, letter

PLANNERS = Office("Město Lipnice nad Rolavou", "odbor rozvoje", "Náměstí 1, Lipnice nad Rolavou · www.lipnice.example", "Sans")

AREAS = [
    (
        "1. Bydlení a veřejný prostor",
        "Město za dvacet let ztratilo osminu obyvatel, nejvíc mladých rodin. Chceme, aby se ve městě dalo bydlet v každém věku: v bytě, který člověk zaplatí, "
        "a v ulici, kde je rád.",
        [
            ("Opravit 24 obecních bytů v Tovární ulici", "2028", "majetkový odbor"),
            ("Postavit dům s dvanácti byty pro starší lidi u polikliniky", "2030", "odbor rozvoje"),
            ("Připravit 30 parcel v lokalitě Nad Pilou", "2029", "odbor rozvoje"),
            ("Vyhlásit pravidla pro startovací byty", "2027", "odbor sociálních věcí"),
            ("Dokončit opravu náměstí: dlažba, voda, stín", "2028", "odbor rozvoje"),
            ("Vysadit 60 stromů v ulicích bez zeleně", "2031", "odbor životního prostředí"),
            ("Otevřít dvůr radnice lidem", "2027", "kancelář tajemníka"),
            ("Osvětlit cestu od nádraží do školy", "2027", "odbor dopravy"),
            ("Opravit kulturní dům včetně bezbariérového vstupu", "2032", "odbor rozvoje"),
            ("Zřídit místa k sezení po 300 metrech", "2029", "odbor životního prostředí"),
        ],
    ),
    (
        "2. Doprava",
        "Většina cest ve městě je kratší než dva kilometry, a přece se na ně jezdí autem. Plán dává přednost chůzi, kolu a autobusu, aniž by komu auto bral.",
        [
            ("Přestavět autobusové nádraží na přestupní místo s vlakem", "2030", "odbor dopravy"),
            ("Dokončit cyklostezku podél Rolavy", "2029", "svazek obcí"),
            ("Opravit most v Mlýnské ulici", "2027", "odbor dopravy"),
            ("Zklidnit Karlovarskou ulici mezi náměstím a mostem", "2028", "odbor dopravy"),
            ("Zavést zónu 30 v obytných čtvrtích", "2027", "odbor dopravy"),
            ("Zajistit večerní autobus z krajského města", "2027", "svazek obcí"),
            ("Postavit záchytné parkoviště u nádraží", "2030", "odbor rozvoje"),
            ("Doplnit chodníky v Tisové", "2031", "odbor dopravy"),
            ("Zřídit bezbariérové přechody u úřadu, školy a polikliniky", "2028", "odbor dopravy"),
            ("Dobíjecí stání na třech místech", "2029", "majetkový odbor"),
            ("Bezpečná cesta do školy: doprovod a hlídky", "2027", "městská policie"),
        ],
    ),
    (
        "3. Škola, kultura a péče",
        "Ve škole přibývá dětí, které potřebují více pozornosti, a ve městě lidí starších osmdesáti let. Obojí znamená víc práce s lidmi, ne jen nové zdi.",
        [
            ("Přistavět tělocvičnu základní školy", "2029", "odbor rozvoje"),
            ("Otevřít třetí třídu mateřské školy", "2027", "odbor školství"),
            ("Školní poradenské pracoviště s psychologem", "2028", "odbor školství"),
            ("Rozšířit knihovnu o studovnu a dílnu", "2030", "odbor školství"),
            ("Terénní pečovatelská služba i o víkendech", "2028", "odbor sociálních věcí"),
            ("Denní stacionář pro dvacet lidí", "2032", "odbor sociálních věcí"),
            ("Ordinace praktického lékaře v budově polikliniky", "2027", "majetkový odbor"),
            ("Podpora spolků: stálá pravidla na tři roky", "2027", "odbor školství"),
            ("Úřední hodiny jednou týdně do 19 hodin", "2027", "kancelář tajemníka"),
        ],
    ),
    (
        "4. Krajina a voda",
        "Sucha a přívalové deště přicházejí ve stejném roce. Město má vodu zadržet tam, kde spadne, a mít z čeho pít, když neprší.",
        [
            ("Obnovit tři rybníky v povodí Jeleního potoka", "2031", "odbor životního prostředí"),
            ("Nádrže na dešťovou vodu u všech městských budov", "2030", "majetkový odbor"),
            ("Záložní vrt pro vodovod", "2028", "vodovody a kanalizace"),
            ("Odkanalizovat Tisovou", "2032", "vodovody a kanalizace"),
            ("Vsakovací pásy podél parkovišť", "2029", "odbor dopravy"),
            ("Fotovoltaika na školách a zimním stadionu", "2028", "majetkový odbor"),
            ("Vyměnit zbylé veřejné osvětlení za úsporné", "2027", "odbor rozvoje"),
            ("Povodňový plán s místním varováním", "2027", "kancelář tajemníka"),
            ("Polní cesty a remízky mezi Lipnicí a Pasekami", "2033", "odbor životního prostředí"),
            ("Třídění bioodpadu v každém domě", "2028", "odbor životního prostředí"),
            ("Sběrný dvůr otevřený pět dní v týdnu", "2029", "odbor životního prostředí"),
            ("Pečovat o městské lesy bez holosečí", "2035", "městské lesy"),
        ],
    ),
]


def make(path):
    """Writes the plan to `path`."""
    blocks = [
        ("h", "Proč máme plán"),
        "Zastupitelstvo může během jednoho volebního období mnoho začít a málo dokončit. Plán říká, na čem se shodla tři zastupitelstva po sobě, "
        "co z toho má být kdy hotové a kdo za to odpovídá. Každý rok v březnu se zveřejní, co se povedlo, co ne a proč.",
        "Plán vznikl ze čtyř veřejných setkání, na která přišlo 312 lidí, a z dotazníku, který vyplnilo 1 046 domácností. Na otázku, co městu nejvíc chybí, "
        "odpověděli nejčastěji: byty pro mladé, lékař a stín na náměstí.",
        ("h", "Jak má město vypadat v roce 2035"),
        "Lipnice nad Rolavou je malé město, ve kterém se dá bydlet od narození do stáří. Má školu, kam se chodí pěšky, nádraží, na kterém se čeká pod střechou, "
        "a řeku, ke které se dá sejít. Úřad odpovídá srozumitelně a včas. Co se rozhodlo, se každý dočte.",
        ("h", "Čísla, ze kterých plán vychází"),
        ("table", [
            ["", "2005", "2015", "2025", "2035 (cíl)"],
            ["Obyvatel", "7 980", "7 410", "7 020", "7 200"],
            ["Z toho do 15 let", "1 310", "1 120", "1 030", "1 150"],
            ["Z toho nad 80 let", "210", "290", "402", "460"],
            ["Obecních bytů v užívání", "186", "171", "158", "195"],
            ["Cest do práce autobusem nebo vlakem", "31 %", "24 %", "22 %", "30 %"],
            ["Voda z vodovodu na osobu a den", "118 l", "102 l", "96 l", "90 l"],
        ], [62, 26, 26, 26, 26], {"numbers": (1, 2, 3, 4)}),
        "Následuje 42 opatření ve čtyřech oblastech.",
    ]
    for name, why, measures in AREAS:
        rows = [["Opatření", "Do roku", "Odpovídá"], *measures]
        blocks += [("page",), ("h", name), why, ("table", rows, [104, 20, 42])]
    blocks += [
        ("page",),
        ("h", "Odkud budou peníze"),
        "Opatření stojí dohromady asi 640 milionů korun za deset let. Město může ze svého zaplatit nejvýše 290 milionů, aniž by se zadlužilo nad polovinu ročních příjmů. "
        "Zbytek závisí na dotacích: kde dotace nebude, opatření se zmenší nebo odloží, a řekne se to.",
        ("table", [
            ["Oblast", "Celkem (mil. Kč)", "Z rozpočtu města"],
            ["Bydlení a veřejný prostor", "248", "110"], ["Doprava", "164", "72"],
            ["Škola, kultura a péče", "131", "61"], ["Krajina a voda", "97", "47"], ["Dohromady", "640", "290"],
        ], [86, 40, 40], {"numbers": (1, 2), "bold_rows": (-1,)}),
        ("h", "Jak se plán kontroluje a mění"),
        ("ol", [
            "Každý rok do 31. března zveřejní odbor rozvoje zprávu o plnění.",
            "Zprávu projedná zastupitelstvo na veřejném zasedání.",
            "Změnu plánu může navrhnout zastupitel, osadní výbor nebo petice nejméně sta občanů.",
            "Jednou za čtyři roky se plán projde celý, se dvěma veřejnými setkáními.",
        ]),
        "Plán schválilo zastupitelstvo města. Do tištěného výtisku lze nahlédnout v podatelně, kde ho také půjčí domů.",
    ]
    letter(path, PLANNERS, "", "STRATEGICKÝ PLÁN ROZVOJE MĚSTA", blocks, None, subtitle="do roku 2035", box=False)
