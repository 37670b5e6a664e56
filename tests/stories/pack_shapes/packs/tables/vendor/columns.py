VERSION = "1.0"


def split(line, mark):
    return [cell.strip() for cell in line.split(mark)]
