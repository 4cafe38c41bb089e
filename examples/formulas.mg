# Physics and finance in mgrad's own words: each line a program, its variables with the values they start from.
# All of it: mgrad batch examples/formulas.mg          One value changed: mgrad batch FILE --T 310

# Mechanics
m = 1500; v = 27; E = m*v**2/2                                                    # kinetic energy, J
v0 = 20; angle = radians(35); g = 9.80665; v0**2*sin(2*angle)/g                   # range of a throw, m
L = 1.2; g = 9.80665; T = 2*pi*sqrt(L/g)                                          # period of a pendulum, s
m = 0.5; k = 80; c = 0.9; w0 = sqrt(k/m); zeta = c/(2*sqrt(k*m)); w0*sqrt(1 - zeta**2)    # damped frequency, rad/s
m1 = 5.972e24; m2 = 7.348e22; r = 3.844e8; G = 6.6743e-11; G*m1*m2/r**2           # gravity, N
M = 5.972e24; R = 6.371e6; G = 6.6743e-11; sqrt(2*G*M/R)                          # escape velocity, m/s
p1 = 2e5; v1 = 3; v2 = 7; rho = 998; p2 = p1 + rho*(v1**2 - v2**2)/2              # Bernoulli, Pa
F = 2000; l = 3; E = 2e11; I = 8e-6; F*l**3/(48*E*I)                              # sag of a beam, m

# Thermodynamics
n = 2; R = 8.314462618; T = 300; V = 0.05; n*R*T/V                                # ideal gas, Pa
n = 1; R = 8.314462618; T = 300; V = 1e-3; a = 0.364; b = 4.27e-5; n*R*T/(V - n*b) - a*n**2/V**2    # van der Waals, Pa
T = 5778; sigma = 5.670374419e-8; sigma*T**4                                      # Stefan-Boltzmann, W/m^2
lam = 5e-7; T = 5778; h = 6.62607015e-34; c = 299792458; k = 1.380649e-23; x = h*c/(lam*k*T); 2*h*c**2/(lam**5*expm1(x))    # Planck
A = 1e13; Ea = 8e4; R = 8.314462618; T = 350; A*exp(-Ea/(R*T))                    # Arrhenius, 1/s
Th = 600; Tc = 300; 1 - Tc/Th                                                     # Carnot
T = 25; RH = 60; gamma_T = ln(RH/100) + 17.62*T/(243.12 + T); 243.12*gamma_T/(17.62 - gamma_T)      # dew point, degrees C

# Electricity and waves
q1 = 1.6e-19; q2 = -1.6e-19; r = 5.29e-11; eps0 = 8.8541878128e-12; q1*q2/(4*pi*eps0*r**2)    # Coulomb, N
R = 1e3; C = 1e-6; t = 5e-4; V0 = 5; V0*(1 - exp(-t/(R*C)))                       # charging a capacitor, V
R = 50; L = 1e-3; C = 1e-7; w = 9e4; hypot(R, w*L - 1/(w*C))                      # impedance, ohm
Is = 1e-12; V = 0.6; n = 1.2; Vt = 0.02585; Is*expm1(V/(n*Vt))                    # diode, A
n1 = 1; n2 = 1.33; theta1 = radians(40); theta2 = asin(n1*sin(theta1)/n2); degrees(theta2)    # Snell, degrees
f = 440; vs = 30; c = 343; f*c/(c - vs)                                           # Doppler, Hz
P = 10; G1 = 3; G2 = 3; lam = 0.125; d = 1000; P*G1*G2*(lam/(4*pi*d))**2          # Friis, W

# Relativity and quanta
m = 9.1093837015e-31; v = 2.5e8; c = 299792458; γ = 1/sqrt(1 - (v/c)**2); m*c**2*(γ - 1)      # kinetic energy, J
u = 0.6; v = 0.7; (u + v)/(1 + u*v)                                               # adding velocities, in c
Z = 1; n1 = 2; n2 = 3; 1.0973731568e7*Z**2*(1/n1**2 - 1/n2**2)                    # Rydberg, 1/m
x = 0.4; s = 0.5; psi = exp(-(x/s)**2/2)/sqrt(s*sqrt(pi)); psi**2                 # a packet's density

# Statistics
x = 1.3; mu = 1; s = 0.4; normpdf((x - mu)/s)/s                                   # normal density
k = 7; rate = 5.5; exp(k*log(rate) - rate - lgamma(k + 1))                        # Poisson probability
x = 0.3; a = 2; b = 5; exp(lgamma(a + b) - lgamma(a) - lgamma(b) + (a - 1)*log(x) + (b - 1)*log1p(-x))    # beta density

# Finance
P = 1000; r = 0.04; n = 10; P*(1 + r)**n                                          # compound interest
L = 250000; i = 0.05; n = 240; m = i/12; L*m/(1 - (1 + m)**-n)                    # loan payment
C = 5; F = 100; y = 0.04; C*(1 - (1 + y)**-10)/y + F*(1 + y)**-10                 # bond; d/dy is minus its dollar duration
S = 100; K = 105; r = 0.03; vol = 0.2; t = 0.5; d1 = (log(S/K) + (r + vol**2/2)*t)/(vol*sqrt(t)); d2 = d1 - vol*sqrt(t); call = S*normcdf(d1) - K*exp(-r*t)*normcdf(d2)    # Black-Scholes: d/dS delta, d/dvol vega, d/dr rho, -d/dt theta
S = 100; K = 105; r = 0.03; vol = 0.2; t = 0.5; d1 = (log(S/K) + (r + vol**2/2)*t)/(vol*sqrt(t)); d2 = d1 - vol*sqrt(t); put = K*exp(-r*t)*normcdf(-d2) - S*normcdf(-d1)
w = 0.6; s1 = 0.15; s2 = 0.25; rho = 0.3; sqrt((w*s1)**2 + ((1 - w)*s2)**2 + 2*rho*w*(1 - w)*s1*s2)    # risk of a portfolio

# A network of two layers: its loss on one example, and the gradient of every weight
x1 = 0.5; x2 = -1.2; target = 1; w11 = 0.1; w12 = -0.3; b1 = 0.05; w21 = 0.4; w22 = 0.2; b2 = -0.1; v1 = 0.7; v2 = -0.5; c = 0.2; h1 = tanh(w11*x1 + w12*x2 + b1); h2 = tanh(w21*x1 + w22*x2 + b2); p = sigmoid(v1*h1 + v2*h2 + c); loss = -(target*log(p) + (1 - target)*log(1 - p))
