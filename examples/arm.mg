# The hand of a planar arm: two links, with an angle at the shoulder and one at the elbow.
a = 0.4; b = 0.3                           # the lengths of the links, in metres
x = a*cos(shoulder) + b*cos(shoulder + elbow)
y = a*sin(shoulder) + b*sin(shoulder + elbow)
x, y
