# A European call after Black and Scholes (1973). What the gradients are called: by S delta, by vol vega, by r rho;
# theta is minus the one by days.
t = days/365
d1 = (log(S/K) + (r + vol**2/2)*t)/(vol*sqrt(t))
d2 = d1 - vol*sqrt(t)
S*normcdf(d1) - K*exp(-r*t)*normcdf(d2)
