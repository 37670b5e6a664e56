VERSION = "2.0"


def split(line, mark):
    return [cell.strip() for cell in line.split(mark)]
