PER_ROW = 10
LATIN = {"carrot": "Daucus carota"}


def latin(name):
    return LATIN.get(name, name)
