not python at all
print("second line")
