//! Values of the lookup tables against exact ones.

use crate::strategy::{any_program, sample};
use fedproof_program::{Activation, Layout, Loss, Program, SegmentKind};
use proptest::prelude::*;

const SMOOTH: [Activation; 5] =
    [Activation::LeakyRelu, Activation::Sigmoid, Activation::Tanh, Activation::Gelu, Activation::Silu];

fn values(p: &Program, kind: SegmentKind) -> (Vec<i64>, Vec<i64>) {
    Layout::of(p).segments.iter().find(|s| s.kind == kind).unwrap().values(p)
}

/// (q, a, s).
type Row = (i64, i64, i64);

/// l = 12 bits, fa = 6; from 60 digits.
const EXACT: &[(Activation, &[Row])] = &[
    (
        Activation::LeakyRelu,
        &[
            (-2048, -20, 10),
            (-640, -6, 10),
            (-200, -2, 10),
            (-111, -1, 10),
            (-50, 0, 10),
            (-37, 0, 10),
            (-1, 0, 10),
            (0, 0, 10),
            (1, 1, 1024),
            (37, 37, 1024),
            (64, 64, 1024),
            (111, 111, 1024),
            (200, 200, 1024),
            (640, 640, 1024),
            (2047, 2047, 1024),
        ],
    ),
    (
        Activation::Sigmoid,
        &[
            (-2048, 0, 0),
            (-640, 0, 0),
            (-200, 3, 41),
            (-111, 10, 131),
            (-50, 20, 221),
            (-37, 23, 236),
            (-1, 32, 256),
            (0, 32, 256),
            (1, 32, 256),
            (37, 41, 236),
            (64, 47, 201),
            (111, 54, 131),
            (200, 61, 41),
            (640, 64, 0),
            (2047, 64, 0),
        ],
    ),
    (
        Activation::Tanh,
        &[
            (-2048, -64, 0),
            (-640, -64, 0),
            (-200, -64, 8),
            (-111, -60, 120),
            (-50, -42, 587),
            (-37, -33, 746),
            (-1, -1, 1024),
            (0, 0, 1024),
            (1, 1, 1024),
            (37, 33, 746),
            (64, 49, 430),
            (111, 60, 120),
            (200, 64, 8),
            (640, 64, 0),
            (2047, 64, 0),
        ],
    ),
    (
        Activation::Gelu,
        &[
            (-2048, 0, 0),
            (-640, 0, 0),
            (-200, 0, -9),
            (-111, -5, -115),
            (-50, -11, -13),
            (-37, -10, 89),
            (-1, 0, 499),
            (0, 0, 512),
            (1, 1, 525),
            (37, 27, 935),
            (64, 54, 1109),
            (111, 106, 1139),
            (200, 200, 1033),
            (640, 640, 1024),
            (2047, 2047, 1024),
        ],
    ),
    (
        Activation::Silu,
        &[
            (-2048, 0, 0),
            (-640, 0, 0),
            (-200, -8, -86),
            (-111, -17, -73),
            (-50, -16, 149),
            (-37, -13, 232),
            (-1, 0, 504),
            (0, 0, 512),
            (1, 1, 520),
            (37, 24, 792),
            (64, 47, 950),
            (111, 94, 1097),
            (200, 192, 1110),
            (640, 640, 1024),
            (2047, 2047, 1024),
        ],
    ),
];

#[test]
fn hidden_functions_are_exact() {
    for (kind, rows) in EXACT {
        let (a, s) = kind.table(12, 6);
        assert_eq!((a.len(), s.len()), (4096, 4096));
        for &(q, value, slope) in *rows {
            let at = (q + 2048) as usize;
            assert_eq!((a[at], s[at]), (value, slope), "{kind:?} at {q}");
        }
    }
}

#[test]
fn loss_tables_are_exact() {
    let (a, s) = values(&sample(), SegmentKind::Sigmoid);
    assert!(s.is_empty());
    let at = |q: i64| a[(q + 2048) as usize];
    assert_eq!(
        [-2048, -640, -200, -64, -1, 0, 1, 64, 200, 640, 2047].map(at),
        [0, 0, 43, 275, 508, 512, 516, 749, 981, 1024, 1024]
    );
    let softmax = Program { loss: Loss::Softmax, ..sample() };
    let (a, s) = values(&softmax, SegmentKind::Exponential);
    assert!(s.is_empty());
    assert_eq!(
        [0, 1, 2, 31, 44, 64, 128, 300, 613, 4095].map(|i: usize| a[i]),
        [8192, 8065, 7940, 5047, 4119, 3014, 1109, 75, 1, 0]
    );
    let huber = Program { loss: Loss::Huber, one_hot: false, huber: 300, ..sample() };
    let (a, s) = values(&huber, SegmentKind::Clamp);
    assert!(s.is_empty());
    assert_eq!(
        [-2048, -301, -300, -1, 0, 299, 300, 2047].map(|q: i64| a[(q + 2048) as usize]),
        [-300, -300, -300, -1, 0, 299, 300, 300]
    );
}

#[test]
fn names_and_codes_go_both_ways() {
    for (code, kind) in Activation::all().enumerate() {
        assert_eq!((usize::from(kind.code()), kind.tag()), (code, 32 + code as u64));
        assert_eq!((Activation::from_code(kind.code()), Activation::from_name(kind.name())), (Some(kind), Some(kind)));
        assert_eq!(kind.is_smooth(), code >= 2);
    }
    assert_eq!((Activation::from_code(7), Activation::from_name("softplus")), (None, None));
    for (code, loss) in [Loss::Squared, Loss::Sigmoid, Loss::Softmax, Loss::Huber].into_iter().enumerate() {
        assert_eq!((usize::from(loss.code()), Loss::from_code(loss.code())), (code, Some(loss)));
        assert_eq!(Loss::from_name(loss.name()), Some(loss));
    }
    assert_eq!((Loss::from_code(4), Loss::from_name("hinge")), (None, None));
}

proptest! {
    /// f(x) and f(-x) of every smooth function add up to what algebra says, up to rounding; slopes are below 2.
    #[test]
    fn symmetries(l in 4u32..=16, fa in 1u32..=15) {
        prop_assume!(fa < l);
        let half = 1i64 << (l - 1);
        for kind in SMOOTH {
            let (a, s) = kind.table(l, fa);
            let near = |x: i64, y: i64| (x - y).abs() <= 1;
            let one = 1i64 << (l - 2);
            prop_assert!(a.iter().all(|a| (-half..half).contains(a)));
            prop_assert!(s.iter().all(|s| (-one..2 * one).contains(s)));
            for q in 1..half {
                let ([up, down], [rise, fall]) = [&a, &s].map(|t| [t[(half + q) as usize], t[(half - q) as usize]]).into();
                let saturates = up == half - 1;
                let holds = match kind {
                    Activation::Identity | Activation::Relu => true,
                    Activation::LeakyRelu => up == q && down == (50 - q).div_euclid(100),
                    Activation::Sigmoid => (saturates || near(up + down, 1 << fa)) && near(rise, fall),
                    Activation::Tanh => (saturates || near(up + down, 0)) && near(rise, fall),
                    Activation::Gelu | Activation::Silu => near(up - down, q) && near(rise + fall, one),
                };
                prop_assert!(holds, "{:?} l={} fa={} q={}: {} {} {} {}", kind, l, fa, q, up, down, rise, fall);
            }
        }
    }

    #[test]
    fn tables_of_closed_form(l in 4u32..=16) {
        let half = 1i64 << (l - 1);
        let q: Vec<i64> = (-half..half).collect();
        let relu = (q.iter().map(|&q| q.max(0)).collect(), q.iter().map(|&q| i64::from(q > 0)).collect());
        prop_assert_eq!(Activation::Relu.table(l, 1), relu);
        prop_assert_eq!(Activation::Identity.table(l, 1), (q.clone(), vec![1; q.len()]));
    }

    /// Committed tables hold the values of the committed segments of their lane, and zeros.
    #[test]
    fn key_tables(p in any_program()) {
        let layout = Layout::of(&p);
        for table in &layout.key_tables {
            let cells = layout.key_table(&p, *table);
            prop_assert_eq!(cells.len(), layout.n());
            let mut expected = vec![0; layout.n()];
            for s in layout.segments.iter().filter(|s| s.lane == table.lane && s.is_committed()) {
                let (a, slopes) = s.values(&p);
                prop_assert_eq!(a.len(), 1 << s.bits);
                let chosen = if table.derivatives { slopes } else { a };
                expected[s.offset..][..chosen.len()].copy_from_slice(&chosen);
            }
            prop_assert!(cells.iter().any(|&v| v != 0) || table.derivatives);
            prop_assert_eq!(cells, expected);
        }
    }
}
