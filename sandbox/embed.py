"""embed.py INPUT OUTPUT: the bytes of a file as the inside of a C array of char."""
import sys

data = open(sys.argv[1], "rb").read()
with open(sys.argv[2], "w") as out:
    for at in range(0, len(data), 20):
        out.write("".join(f"{b if b < 128 else b - 256}," for b in data[at:at + 20]) + "\n")
