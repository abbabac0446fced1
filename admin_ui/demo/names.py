"""Names as they are found in a Danish school: our own list, by the part of the world a family has its names from.

Lists of single names only; nobody who exists is meant. Children and adults have lists of their own, because a class
of today is not called what its parents are called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NameStock:
    """Names that go together in one family; ``share`` is the families in a thousand who draw from it."""

    share: int
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    family: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _stock(share: int, *, girls: str, boys: str, women: str, men: str, family: str) -> NameStock:
    return NameStock(
        share=share,
        girls=_words(girls),
        boys=_words(boys),
        women=_words(women),
        men=_words(men),
        family=_words(family),
    )


DANISH: Final = _stock(
    770,
    girls=(
        "Agnes Alberte Alma Andrea Anna Asta Astrid Aya Bertha Bodil Carla Caroline Cecilie Clara Dagmar Ea Edith "
        "Eline Elisabeth Ella Ellen Ellie Elva Emilie Emma Esther Eva Filippa Fiona Flora Freja Frida Gro Gry Hannah "
        "Helga Ida Inger Ingrid Isabella Iben Johanne Josefine Julie Kaja Karla Karoline Katrine Kirstine Klara "
        "Laura Lea Lilje Lily Liv Liva Lærke Luna Magda Maja Malou Marie Mathilde Merle Mie Molly Nanna Naja Nora "
        "Olga Olivia Petra Rosa Rose Runa Sally Sara Selma Signe Silje Simone Sofia Sofie Solveig Sol Sigrid Tilde "
        "Thea Tuva Ursula Victoria Vilja Vigga Viola Vilma Ylva Yrsa Åse"
    ),
    boys=(
        "Adam Albert Alfred Aksel Alexander Andreas Anker Anton Arthur Asger August Axel Benjamin Bertil Birk Bjørn "
        "Carl Christian Conrad Daniel Eddie Eigil Elias Elliot Emil Erik Esben Felix Filip Finn Frederik Frode Gustav "
        "Hannibal Harald Henry Holger Hugo Isak Jakob Jens Johan Jonas Julius Kaj Kalle Karl Kasper Konrad Knud "
        "Lauge Lauritz Laurits Leo Liam Loke Lucas Ludvig Magne Magnus Malthe Marius Markus Mathias Matti Mikkel "
        "Milas Nicklas Noah Nohr Oliver Ole Oscar Otto Palle Philip Rasmus Rune Samuel Sebastian Sigurd Silas Simon "
        "Storm Svend Søren Theodor Theo Thor Tobias Toke Troels Uffe Valdemar Valter Victor Viggo Vilhelm Villads "
        "William Willy Åge Øjvind"
    ),
    women=(
        "Anette Anita Anja Anne Annemette Birgitte Bente Camilla Charlotte Christina Connie Dorte Dorthe Elsebeth "
        "Gitte Hanne Heidi Helle Helene Inge Jane Janne Jeanette Jette Karen Karin Kirsten Kathrine Lene Line Lisbeth "
        "Lise Lone Lotte Louise Majbritt Malene Maria Marianne Mette Mia Michelle Mona Nina Pernille Pia Randi "
        "Rikke Sanne Sidsel Sille Sine Stine Susanne Tanja Tina Tine Trine Ulla Vibeke Winnie"
    ),
    men=(
        "Allan Anders Bent Bo Brian Carsten Casper Claus Dennis Erling Flemming Frank Hans Henning Henrik Jacob Jan "
        "Jeppe Jesper Jimmi Johnny Jørgen Kenneth Kent Kim Klaus Kristian Kurt Lars Lasse Leif Mads Martin Michael "
        "Mogens Morten Niels Nikolaj Ove Per Peter Poul Rene Ruben Steen Steffen Sune Søren Thomas Tim Torben Tommy "
        "Ulrik Uwe Verner"
    ),
    family=(
        "Abildgaard Andersen Andreasen Bach Bagger Bak Bech Berg Bertelsen Bisgaard Bjerre Bjerregaard Boesen Bonde "
        "Bro Brandt Bruun Buch Bundgaard Carlsen Christensen Christiansen Clausen Dahl Dalgaard Dam Damgaard Degn "
        "Enevoldsen Eriksen Fisker Frandsen Frederiksen Friis Frost Gade Gregersen Grøn Hald Halkjær Hansen Hedegaard "
        "Henriksen Hermansen Hjorth Hoffmann Holm Holst Højgaard Iversen Jacobsen Jensen Jeppesen Jespersen Johansen "
        "Juhl Juul Jørgensen Karlsen Kjær Kjeldsen Klausen Knudsen Koch Kofoed Kragh Kristensen Krogh Lassen Lauridsen "
        "Laursen Lind Lorentzen Lund Lyng Madsen Mathiesen Mikkelsen Mortensen Munk Møller Nielsen Nissen Nørgaard "
        "Olesen Olsen Overgaard Paulsen Pedersen Petersen Poulsen Rasmussen Ravn Riis Ross Schmidt Schou Simonsen "
        "Skov Smed Sommer Steffensen Svendsen Søgaard Sørensen Thomsen Thorsen Toft Vestergaard Vinther Winther "
        "Østergaard Aagaard"
    ),
)

ARABIC: Final = _stock(
    62,
    girls="Amal Amina Aya Dalia Dina Fatima Hala Hanan Huda Israa Jana Lamar Layan Leila Lina Mariam Nour Rana Rima "
    "Salma Sama Sara Yasmin Zahra Zainab",
    boys="Abdullah Adam Ahmad Ali Amir Anas Bilal Hamza Hassan Hussein Ibrahim Jad Karim Khaled Mahmoud Malek Mohamad "
    "Mustafa Nabil Omar Rami Samir Tarek Yahya Yousef Zain",
    women="Abir Amani Aisha Fadia Ghada Hanaa Iman Khadija Lubna Maha Manal Nadia Najwa Rasha Reem Rola Samira Suha",
    men="Adnan Ahmed Ayman Bassam Fadi Ghassan Haitham Imad Jamal Kamal Majed Mazen Nasser Osama Raed Riad Walid Ziad",
    family="Abdallah Abbas Al-Ali Al-Hassan Al-Khatib Awad Darwish El-Ahmad Fares Haddad Hamdan Hamid Issa Jaber "
    "Kassem Khalil Mansour Mustafa Nasser Odeh Rahman Saleh Shaban Taha Yassin Zein",
)

TURKISH: Final = _stock(
    38,
    girls="Ayla Azra Beyza Defne Ebrar Ecrin Elif Esra Hira Melek Merve Nisa Selin Sevgi Sude Zeynep Zümra",
    boys="Ahmet Arda Berat Burak Can Deniz Emre Enes Eren Hakan Kaan Kerem Mert Ömer Selim Umut Yasin Yusuf",
    women="Ayşe Aysel Döne Emine Fatma Gülay Hatice Hülya Nuray Özlem Sevda Songül Yasemin",
    men="Ali Bayram Erdal Erol Hüseyin İsmail Kemal Mehmet Murat Mustafa Orhan Serkan Yılmaz",
    family="Acar Akbulut Aydın Bulut Çelik Çetin Demir Doğan Güneş Kara Kaya Kılıç Koç Korkmaz Öztürk Polat Şahin "
    "Tekin Uçar Yıldız Yılmaz",
)

SOMALI: Final = _stock(
    20,
    girls="Asma Ayaan Fadumo Hibo Hodan Ifrah Ikram Maryan Muna Nasra Sabrin Sagal Samira Sumaya Ubah",
    boys="Abdirahman Abdi Ayub Bashir Farhan Guled Hamse Idris Ilyas Jamal Liban Mahad Sakariye Yonis",
    women="Amran Asha Deqa Faduma Halimo Hawa Khadra Ladan Nimco Raho Safiya Sahra Zamzam",
    men="Abdullahi Ahmed Cabdi Daud Hassan Ismail Jama Mohamud Muse Nur Osman Said Yusuf",
    family="Abdi Abdullahi Adan Ahmed Ali Farah Hassan Hersi Hussein Ibrahim Isse Jama Mohamed Muse Nur Omar Warsame",
)

SOUTH_ASIAN: Final = _stock(
    26,
    girls="Aarthi Anaya Aisha Eman Fatima Hira Iqra Jasmin Kavya Laiba Maham Meera Minahil Noor Priya Sana Zara",
    boys="Aryan Abbas Arjun Danyal Faizan Haris Hashim Ibrahim Kiran Musa Rayan Rohan Saad Shayan Usman Zakariya",
    women="Amina Asma Bushra Deepa Farah Lakshmi Nadia Nirmala Rabia Saima Shazia Sunita Uzma",
    men="Amjad Arif Faisal Imran Kamran Khalid Nadeem Rajesh Rashid Sathis Shahid Suresh Tariq",
    family="Ahmad Akhtar Ali Ashraf Butt Chaudhry Hussain Iqbal Kandiah Khan Kumar Mahmood Malik Mirza Patel Qureshi "
    "Rehman Selvarajah Shah Sharma Singh Sivakumar",
)

SLAVIC: Final = _stock(
    44,
    girls="Ajla Alicja Amelia Anastasiia Daria Emina Hanna Irina Julia Kateryna Lejla Lena Maja Milena Nadja Natalia "
    "Oliwia Polina Sofiia Zofia Zuzanna",
    boys="Adnan Aleksander Amar Artem Bartosz Danylo Dawid Filip Jakub Kacper Luka Maksym Mateusz Mateo Nikola "
    "Oleksandr Stefan Szymon Tarik Tymofii Wiktor",
    women="Agnieszka Aldina Amra Anna Dorota Ewa Iryna Jasmina Katarzyna Ljiljana Magdalena Oksana Olena Sanela Svetlana",
    men="Admir Andrii Dariusz Dragan Edin Goran Krzysztof Marcin Mirza Oleh Piotr Senad Serhii Tomasz Vladimir",
    family="Begić Bondarenko Dąbrowski Delić Hadžić Hodžić Jovanović Kamiński Koval Kovačević Kowalski Kravchenko "
    "Lewandowski Melnyk Mazur Mujić Nowak Petrović Pavlenko Shevchenko Tkachenko Wójcik Wiśniewski Zieliński",
)

EAST_ASIAN: Final = _stock(
    16,
    girls="Anh Bao-An Chi Emily Hana Jasmin Lan Linh Mai Mei My-Lan Ngoc Thao Thuy Vy",
    boys="An Anton Bao Danny Duc Hieu Huy Jun Kevin Khoa Long Minh Nam Phuc Tuan",
    women="Arlene Bich Hoa Hong Huong Kanya Ling Marites Nga Phuong Siriporn Thanh Yan",
    men="Binh Cuong Dung Hai Hung Jun Kai Khanh Quang Son Tan Thang Wei",
    family="Bui Chen Dang Do Hoang Huynh Le Lin Ngo Nguyen Pham Phan Reyes Santos Tran Truong Vo Vu Wang",
)

NORTH_ATLANTIC: Final = _stock(
    12,
    girls="Aviâja Arnaq Ivalu Ivalo Malu Naasunnguaq Nivi Paninnguaq Pipaluk Rannvá Sunnva Bjørk Eyð Birita",
    boys="Aputsiaq Aqqaluk Inuk Malik Miki Minik Nuka Ujarak Bárður Rói Jógvan Tóki Hanus",
    women="Aaja Ane Arnannguaq Katrin Malan Marjun Naja Navarana Paarnaq Tóra Vár",
    men="Angut Hans-Peter Inuuteq Jákup Karl-Kristian Nukappi Óli Pavia Páll Ulloriaq",
    family="Berthelsen Broberg Djurhuus Geisler Heilmann Joensen Kleist Kreutzmann Lynge Motzfeldt Olsen Patursson "
    "Rosing Samuelsen Weihe Zachariassen",
)

WESTERN: Final = _stock(
    12,
    girls="Alice Amelie Bianca Carmen Chloe Elena Giulia Greta Ioana Isabel Leonie Lucia Mila Paula Zoë",
    boys="Alejandro Andrei Bruno Diego Enzo Finley Gabriel Henri Jonathan Leon Luca Matei Mateo Oskar Raphael",
    women="Alessandra Bianca Claudia Daniela Elena Francesca Gabriela Ingeborg Maria Monika Patricia Raluca Silke",
    men="Alessandro Carlos Cristian Dieter Florin Javier Jürgen Marco Matthias Miguel Patrick Ryan Stefano",
    family="Becker Bianchi Dumitru Fernandes Fischer Garcia Ionescu Lefèvre Marino Martinez McCarthy Müller Popescu "
    "Rossi Schneider Silva Smith Taylor Weber",
)

STOCKS: Final = (
    DANISH,
    ARABIC,
    TURKISH,
    SOMALI,
    SOUTH_ASIAN,
    SLAVIC,
    EAST_ASIAN,
    NORTH_ATLANTIC,
    WESTERN,
)

STREETS: Final = _words(
    "Agerstien Allégade Birkevej Blåmejsevej Bøgealle Degnevænget Drosselvej Egevej Elmegade Engvej Fjordvej "
    "Fyrrestien Gartnervænget Granvej Havnegade Hyldevej Jernbanegade Kastanievej Kirkestien Klitvej Kløvervej "
    "Kornvænget Lindealle Lærkevej Mejerivej Mosevej Møllebakken Nattergalevej Nordlysvej Nørregade Parkvej "
    "Poppelvej Præstemarken Ringvej Rugvænget Rønnevej Skolegade Skovbrynet Smedestræde Solsikkevej Stjernevej "
    "Strandvejen Svalevej Søndergade Teglvænget Tjørnevej Torvegade Valmuevej Vestergade Vibevej Ærtevej Østergade "
    "Åstien"
)
"""Street names that could be anywhere."""

TOWNS: Final = (("9991", "Nordlysby"), ("9994", "Fjordholm"), ("9995", "Skovsted"), ("9999", "Klitby"))
"""Invented towns with postal codes that no Danish town has."""
