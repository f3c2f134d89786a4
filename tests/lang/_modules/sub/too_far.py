from ....far import x
