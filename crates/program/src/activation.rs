//! Elementwise functions of hidden layers as integer tables (docs/protocol.md, section 1).

/// Elementwise function of a hidden layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Activation {
    /// `a = q`, derivative 1.
    Identity,
    /// `a = max(q, 0)`, derivative `[q > 0]`.
    Relu,
    /// x for x > 0, else x / 100.
    LeakyRelu,
    /// 1 / (1 + e^-x).
    Sigmoid,
    /// tanh x.
    Tanh,
    /// x Phi(x), Phi the normal distribution function.
    Gelu,
    /// x / (1 + e^-x).
    Silu,
}

/// Every activation with its name in task files, in the order of its codes.
const NAMES: [(Activation, &str); 7] = [
    (Activation::Identity, "identity"),
    (Activation::Relu, "relu"),
    (Activation::LeakyRelu, "leaky-relu"),
    (Activation::Sigmoid, "sigmoid"),
    (Activation::Tanh, "tanh"),
    (Activation::Gelu, "gelu"),
    (Activation::Silu, "silu"),
];

impl Activation {
    /// All of them, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|&(kind, _)| kind)
    }

    /// Byte of the canonical encoding.
    pub fn code(self) -> u8 {
        NAMES.iter().zip(0..).find(|((kind, _), _)| *kind == self).map_or(0, |(_, code)| code)
    }

    /// Inverse of [`Activation::code`].
    pub fn from_code(code: u8) -> Option<Self> {
        NAMES.get(usize::from(code)).map(|&(kind, _)| kind)
    }

    /// Name in task files.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.code())).map_or("", |&(_, name)| name)
    }

    /// Inverse of [`Activation::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, n)| *n == name).map(|&(kind, _)| kind)
    }

    /// Whether its derivative is a fraction: then values come from committed tables and deltas are rounded in a region of their own.
    pub fn is_smooth(self) -> bool {
        !matches!(self, Self::Identity | Self::Relu)
    }

    /// Lookup tag of its table segment.
    pub fn tag(self) -> u64 {
        32 + u64::from(self.code())
    }

    /// (activations at scale 2^fa, derivatives) for q = -2^(l-1) .. 2^(l-1)-1. Derivatives of smooth functions are at scale 2^(l-2).
    ///
    /// `libm` is software: the same table on every machine. The reference computes them with exact rounding.
    pub fn table(self, l: u32, fa: u32) -> (Vec<i64>, Vec<i64>) {
        let half = 1i64 << (l - 1);
        let (one, slope) = ((1i64 << fa) as f64, (1i64 << (l - 2)) as f64);
        (-half..half)
            .map(|q| match self {
                Self::Identity => (q, 1),
                Self::Relu => (q.max(0), i64::from(q > 0)),
                _ => {
                    let (value, derivative) = self.real(q as f64 / one);
                    (nearest(one * value).clamp(-half, half - 1), nearest(slope * derivative))
                }
            })
            .unzip()
    }

    /// (f(x), f'(x)).
    fn real(self, x: f64) -> (f64, f64) {
        let logistic = 1.0 / (1.0 + libm::exp(-x));
        match self {
            Self::Identity => (x, 1.0),
            Self::Relu => (x.max(0.0), f64::from(u8::from(x > 0.0))),
            Self::LeakyRelu if x > 0.0 => (x, 1.0),
            Self::LeakyRelu => (x / 100.0, 0.01),
            Self::Sigmoid => (logistic, logistic * (1.0 - logistic)),
            Self::Tanh => {
                let t = libm::tanh(x);
                (t, 1.0 - t * t)
            }
            Self::Gelu => {
                let phi = libm::erfc(-x / std::f64::consts::SQRT_2) / 2.0;
                let density = libm::exp(-x * x / 2.0) / libm::sqrt(2.0 * std::f64::consts::PI);
                (x * phi, phi + x * density)
            }
            Self::Silu => (x * logistic, logistic + x * logistic * (1.0 - logistic)),
        }
    }
}

/// To the nearest integer, halves up.
pub(crate) fn nearest(x: f64) -> i64 {
    libm::floor(x + 0.5) as i64
}
