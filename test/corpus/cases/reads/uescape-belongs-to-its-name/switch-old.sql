SELECT U&"n!0061me" UESCAPE '!', u.U&"n!0061me" /* x */ uescape '!' AS n FROM U&"!0075sers" UESCAPE '!' u
