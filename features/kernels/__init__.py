"""Kernels: what is worked out in one pass over the rows of citizens, compiled.

A file holds those of one concept. Rows stand by citizen and in order of time; a *run* is the rows
of one citizen, or of one case. Every kernel takes whole arrays and returns new ones, adds in the
order of the rows (so that a citizen alone gives the same bits as the population), and needs memory
for what it returns and for the longest run alone.
"""
