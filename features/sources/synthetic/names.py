"""Invented names, addresses and citizen service numbers."""

from __future__ import annotations

import numpy as np

from features.sources.synthetic.journal import Ints

MEN = (
    "Jan Piet Kees Henk Willem Johan Bram Daan Sem Lucas Thijs Lars Ruben Finn Milan Jesse Gerrit "
    "Dirk Maarten Pieter Rob Hans Frank Marcel Erik Mohamed Ahmed Yusuf Mehmet Ali Omar Ibrahim "
    "Jayden Ravi Wei Marek Piotr Carlos Samuel David Kwame Tesfay Hassan Bilal Emre Rachid Sjoerd "
    "Wouter Tim Bas Joost Stefan Arjan Ronald"
).split()
WOMEN = (
    "Anna Maria Johanna Els Ria Trudy Saskia Ingrid Linda Sanne Lotte Emma Julia Mila Sophie Tess "
    "Eva Noor Lieke Fleur Iris Femke Marijke Wilma Yvonne Monique Esther Petra Fatima Aisha Zeynep "
    "Elif Amina Khadija Samira Naima Mei Agnieszka Katarzyna Carmen Rosa Grace Selam Leila Yasmin "
    "Roos Hanna Marloes Anouk Ilse Janneke Tineke Hendrika Cornelia"
).split()
FAMILY = (
    "de_Jong Jansen de_Vries van_den_Berg Bakker van_Dijk Visser Janssen Smit Meijer de_Boer "
    "Mulder de_Groot Bos Vos Peters Hendriks van_Leeuwen Dekker Brouwer de_Wit Dijkstra Smits "
    "de_Graaf van_der_Meer Kok Jacobs van_Vliet de_Haan Vermeulen van_den_Heuvel "
    "van_der_Veen Schouten Willems van_Beek Hoekstra Koster Prins Blom Huisman Yilmaz Kaya "
    "El_Amrani Bouali Nowak "
    "Kowalski Chen Singh Fernandes Haile Mohamed Osei Ramdin Pinas Kuipers Post Scholten Timmer"
).split()
STREETS = (
    "Dorpsstraat Kerkstraat Molenweg Stationslaan Parklaan Beukenlaan Eikenhof Lindenstraat "
    "Havenkade Schoolstraat Wilgenpad Zonnebloemstraat Marktplein Ringweg Tuinlaan Vijverhof"
).split()
DISTRICTS = ("centrum", "noord", "oost", "zuid", "west")
CITY = "Voorbeeldstad"


def citizen_service_numbers(rng: np.random.Generator, count: int) -> Ints:
    """Unique numbers that pass the 11-test, all starting with a 9 that marks them as invented."""
    found = np.empty(0, np.int64)
    weights = np.arange(9, 1, -1)
    while len(found) < count:
        stem = rng.integers(90_000_000, 100_000_000, size=2 * count + 100)
        digits = stem[:, None] // 10 ** np.arange(7, -1, -1) % 10
        check = digits @ weights % 11
        _, first = np.unique(np.concatenate([found // 10, stem]), return_index=True)
        whole = np.concatenate([found, np.where(check < 10, stem * 10 + check, -1)])[np.sort(first)]
        found = whole[whole >= 0]
    return found[:count]


def pick(rng: np.random.Generator, words: list[str] | tuple[str, ...], count: int) -> np.ndarray:
    """``count`` words, the earlier ones of the list more often."""
    weight = 1.0 / np.arange(3, len(words) + 3)
    chosen = rng.choice(len(words), size=count, p=weight / weight.sum())
    return np.array([word.replace("_", " ") for word in words], dtype=object)[chosen]


def first_names(rng: np.random.Generator, woman: np.ndarray) -> np.ndarray:
    """A first name for each person."""
    return np.where(woman, pick(rng, WOMEN, len(woman)), pick(rng, MEN, len(woman)))
