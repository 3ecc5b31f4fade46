//! Every operation against arkworks, on processors that have the instructions.

use crate::radix::{split, Prime, LIMBS, MASK};
use crate::vector::Lanes;
use crate::{Ifma, Point, Rows, Scratch, Table, ROWS};
use ark_bn254::{Fq, FqConfig, Fr, FrConfig, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, MontConfig, One, PrimeField, UniformRand, Zero};
use ark_std::test_rng;
use proptest::prelude::*;

type Words = [u64; 4];

/// A prime field of arkworks with access to what it keeps in memory.
trait Raw: Prime {
    fn raw(words: Words) -> Self;
    fn words(self) -> Words;
}

impl Raw for Fq {
    fn raw(words: Words) -> Self {
        Self::new_unchecked(BigInt(words))
    }
    fn words(self) -> Words {
        self.0 .0
    }
}

impl Raw for Fr {
    fn raw(words: Words) -> Self {
        Self::new_unchecked(BigInt(words))
    }
    fn words(self) -> Words {
        self.0 .0
    }
}

/// Integers below p: edges of p and of digits, and any others.
fn residue<F: Raw>() -> impl Strategy<Value = Words> {
    let minus = |k: u64| {
        let mut words = F::MODULUS.0;
        words[0] -= k;
        words
    };
    let edges = [
        [0; 4],
        [1, 0, 0, 0],
        [2, 0, 0, 0],
        minus(1),
        minus(2),
        [u64::MAX, u64::MAX, u64::MAX, (1 << 61) - 1],
        [(1 << 52) - 1, 0, 0, 0],
        [1 << 52, 0, 0, 0],
        [0, 0, 0, 1 << 60],
        [u64::MAX, 0, u64::MAX, 0],
    ];
    prop_oneof![
        1 => prop::sample::select(edges.to_vec()),
        2 => any::<[u64; 4]>().prop_map(|words| F::from(BigInt([words[0], words[1], words[2], words[3] >> 3])).words()),
    ]
}

/// Eight residues, to each of which a multiple of p below `multiples` p is to be added.
fn lanes<F: Raw>(multiples: usize) -> impl Strategy<Value = [(Words, usize); 8]> {
    prop::array::uniform8((residue::<F>(), 0..multiples))
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn load<F: Raw>(values: &[(Words, usize); 8]) -> Lanes<F> {
    let mut out = Lanes::from_words(&values.map(|(words, _)| words));
    let prime = Lanes::splat(F::MULTIPLES[1]);
    for step in 0..9 {
        let mask = (0..8).filter(|lane| values[*lane].1 > step).fold(0, |mask, lane| mask | 1 << lane);
        out = out.select(mask, &out.add(&prime));
    }
    out
}

/// The residues of a register of values below 8p.
#[target_feature(enable = "avx512f,avx512ifma")]
fn residues<F: Raw>(value: Lanes<F>) -> [F; 8] {
    value.less::<4>().canonical().to_words().map(F::raw)
}

/// `a` and `b` below 9p, `c` below 4p.
#[target_feature(enable = "avx512f,avx512ifma")]
fn check<F: Raw>(a: &[(Words, usize); 8], b: &[(Words, usize); 8], c: &[(Words, usize); 8]) {
    let (x, y, z) = (load::<F>(a), load::<F>(b), load::<F>(c));
    let (a, b, c) = (a.map(|(words, _)| F::raw(words)), b.map(|(words, _)| F::raw(words)), c.map(|(words, _)| F::raw(words)));
    let below_4p = |value: Lanes<F>| value.less::<4>().less::<2>();
    let expect = |value: Lanes<F>, expected: &dyn Fn(usize) -> F| assert_eq!(residues(value), std::array::from_fn(expected));

    assert_eq!(z.canonical().to_words(), c.map(F::words));
    let product = x.mul(&y);
    assert_eq!(product.less::<2>().to_words(), product.to_words(), "products are below 2p");
    // arkworks takes a factor 2^256 out of a product, and this 2^260.
    let sixteenth = F::from(16u64).inverse().unwrap();
    expect(product, &|lane| a[lane] * b[lane] * sixteenth);
    let (x, y) = (below_4p(x), below_4p(y));
    expect(x.add(&z), &|lane| a[lane] + c[lane]);
    expect(x.sub::<4>(&z), &|lane| a[lane] - c[lane]);
    let (y, z) = (y.canonical(), z.canonical());
    expect(y.sub::<1>(&z), &|lane| b[lane] - c[lane]);
    expect(x.sub_two::<2>(&y, &z), &|lane| a[lane] - b[lane] - c[lane]);
    expect(y.select(0b0101_1010, &z), &|lane| if 0b0101_1010 >> lane & 1 == 1 { c[lane] } else { b[lane] });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn operations_of_fq(a in lanes::<Fq>(9), b in lanes::<Fq>(9), small in lanes::<Fq>(4)) {
        if Ifma::detect().is_some() {
            // SAFETY: the instructions were detected.
            unsafe { check::<Fq>(&a, &b, &small) };
        }
    }

    #[test]
    fn operations_of_fr(a in lanes::<Fr>(9), b in lanes::<Fr>(9), small in lanes::<Fr>(4)) {
        if Ifma::detect().is_some() {
            // SAFETY: the instructions were detected.
            unsafe { check::<Fr>(&a, &b, &small) };
        }
    }

    #[test]
    fn rows_are_scalars(a in rows(), b in rows(), constant in residue::<Fr>()) {
        if Ifma::detect().is_some() {
            check_rows(a, b, Fr::raw(constant));
        }
    }

    #[test]
    fn points_there_and_back(scalar in any::<u64>()) {
        let affine = (G1Affine::generator() * Fr::from(scalar)).into_affine();
        let point = Point::from(&affine);
        prop_assert_eq!(G1Affine::from(point), affine);
        prop_assert_eq!(G1Affine::from(point.negated_if(true)), -affine);
        prop_assert_eq!(point.negated_if(false), point);
    }
}

fn rows() -> impl Strategy<Value = [Fr; ROWS]> {
    prop::array::uniform16(residue::<Fr>().prop_map(Fr::raw))
}

/// Every operator and a table of two blocks.
fn check_rows(a: [Fr; ROWS], b: [Fr; ROWS], constant: Fr) {
    let ifma = Ifma::detect().expect("the caller detected it");
    let mut table = Table::new(ifma, &[a, b].concat());
    assert_eq!((table.blocks(), table.scalars()), (2, [a, b].concat()));
    let (x, y) = (table.rows(0), table.rows(1));
    let expect = |rows: Rows, expected: &dyn Fn(usize) -> Fr| {
        assert_eq!(rows.scalars(), std::array::from_fn(expected));
        // Whatever representative of zero it is.
        let (again, first) = (rows, expected(0));
        assert!((rows - again).is_zero());
        assert_eq!((rows - Rows::from(first)).is_zero(), (0..ROWS).all(|i| expected(i) == first));
    };
    expect(x + y, &|i| a[i] + b[i]);
    expect(x - y, &|i| a[i] - b[i]);
    expect(x * y, &|i| a[i] * b[i]);
    expect(-x, &|i| -a[i]);
    expect(x + constant, &|i| a[i] + constant);
    expect(x - constant, &|i| a[i] - constant);
    expect(x * constant, &|i| a[i] * constant);
    expect((x + y - x - y - y) * (x - y + constant), &|i| -b[i] * (a[i] - b[i] + constant));
    expect(Rows::from(constant), &|_| constant);
    expect(Rows::zero(), &|_| Fr::zero());
    expect(Rows::one() * y, &|i| b[i]);
    let (mut sum, mut difference, mut product) = (x, x, x);
    sum += y;
    difference -= y;
    product *= y;
    expect(sum, &|i| a[i] + b[i]);
    expect(difference, &|i| a[i] - b[i]);
    expect(product, &|i| a[i] * b[i]);
    assert_eq!(x.is_zero(), a.iter().all(Fr::is_zero));
    table.bind(constant);
    assert_eq!(table.blocks(), 1);
    expect(table.rows(0), &|i| a[i] + constant * (b[i] - a[i]));
}

/// One row that is not zero is enough.
#[test]
fn rows_of_zeros() {
    let Some(ifma) = Ifma::detect() else { return };
    assert!(Table::new(ifma, &[Fr::zero(); ROWS]).rows(0).is_zero());
    for i in 0..ROWS {
        let mut values = [Fr::zero(); ROWS];
        values[i] = Fr::from(5u64);
        assert!(!Table::new(ifma, &values).rows(0).is_zero());
    }
}

#[test]
fn constants() {
    // In the other field, where a multiple of p is not zero.
    let value =
        |k: usize| Fq::MULTIPLES[k].iter().rev().fold(Fr::zero(), |sum, digit| sum * Fr::from(1u64 << 52) + Fr::from(*digit));
    for k in 0..5 {
        assert_eq!(value(k), value(1) * Fr::from(k as u64));
        assert!(Fq::MULTIPLES[k].iter().all(|digit| digit >> 52 == 0));
    }
    assert_eq!(split_back(Fq::MULTIPLES[1]), Fq::MODULUS.0);
    assert_eq!(Fq::NEGATIVE_INVERSE, FqConfig::INV & MASK);
    assert_eq!(Fr::NEGATIVE_INVERSE, FrConfig::INV & MASK);
    assert_eq!(split([u64::MAX; 4]), [MASK, MASK, MASK, MASK, (1 << 48) - 1]);
}

fn split_back([a, b, c, d, e]: [u64; LIMBS]) -> Words {
    [a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | e << 16]
}

/// All sums of two of these, in every lane of groups that are full or not: different points, doubles, opposites, identities.
#[test]
fn additions() {
    let Some(ifma) = Ifma::detect() else { return };
    let mut rng = test_rng();
    let random: Vec<G1Affine> = (0..5).map(|_| G1Projective::rand(&mut rng).into_affine()).collect();
    let choices: Vec<G1Affine> =
        random.iter().flat_map(|point| [*point, -*point]).chain([G1Affine::generator(), G1Affine::identity()]).collect();
    for count in (1..40).chain([1000, 1024]) {
        for _ in 0..if count < 40 { 40 } else { 3 } {
            let affine: Vec<G1Affine> = (0..2 * count).map(|_| choices[usize::rand(&mut rng) % choices.len()]).collect();
            let mut points: Vec<Point> = affine.iter().map(Point::from).collect();
            let pairs: Vec<(u32, u32)> = (0..count as u32).map(|i| (2 * i, 2 * i + 1)).collect();
            ifma.add_pairs(&mut points, &pairs, &mut Scratch::default());
            for (sum, pair) in points.chunks(2).zip(affine.chunks(2)) {
                assert_eq!(G1Affine::from(sum[0]), (pair[0] + pair[1]).into_affine());
                assert_eq!(G1Affine::from(sum[1]), pair[1]);
            }
        }
    }
    ifma.add_pairs(&mut [], &[], &mut Scratch::default());
}

#[test]
fn gathers() {
    let Some(ifma) = Ifma::detect() else { return };
    let affine = [G1Affine::generator(), G1Affine::identity(), (G1Affine::generator() * Fr::from(3u64)).into_affine()];
    let points: Vec<Point> = affine.iter().map(Point::from).collect();
    let mut out = Vec::new();
    ifma.gather(&points, &[5, 0, 3, 2, 4], &mut out);
    let out: Vec<G1Affine> = out.into_iter().map(G1Affine::from).collect();
    assert_eq!(out, [-affine[2], affine[0], affine[1], affine[1], affine[2]]);
}

#[test]
fn positions_are_checked() {
    let Some(ifma) = Ifma::detect() else { return };
    for pair in [(0, 8), (8, 0), (u32::MAX, 1)] {
        let outside = || ifma.add_pairs(&mut [Point::default(); 8], &[(0, 1), pair], &mut Scratch::default());
        assert!(std::panic::catch_unwind(outside).is_err());
    }
    assert!(std::panic::catch_unwind(|| ifma.gather(&[Point::default(); 8], &[16], &mut Vec::new())).is_err());
}
