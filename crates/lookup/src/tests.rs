//! Sums over blocks of rows and row by row are the same, in every round and with everything that a circuit may leave out.

use crate::{at, Challenges, Circuit, RowSum, Value};
use ark_bn254::Fr;
use ark_ff::{UniformRand, Zero};
use ark_std::test_rng;
use fedproof_lanes::Ifma;
use fedproof_program::{Helper, Unit};
use fedproof_sumcheck::Integrand;

/// Columns: two that are looked up, two multiplicities, two helpers. Publics: eq, selector, two lanes of two.
struct Mock(Vec<Helper>);

const COLUMNS: usize = 6;
const PUBLICS: usize = 6;
const DEGREE: usize = 6;

impl Circuit for Mock {
    fn helpers(&self) -> &[Helper] {
        &self.0
    }
    fn first_helper(&self) -> usize {
        4
    }
    fn multiplicity(&self, lane: usize) -> usize {
        2 + lane
    }
    fn constraints(&self) -> usize {
        2
    }
    fn eq<V: Value>(&self, publics: &[V]) -> V {
        at(publics, 0)
    }
    fn selector<V: Value>(&self, publics: &[V]) -> V {
        at(publics, 1)
    }
    fn lane<V: Value>(&self, lane: usize, publics: &[V]) -> (V, V) {
        (at(publics, 2 + 2 * lane), at(publics, 3 + 2 * lane))
    }
    fn tuple<V: Value>(&self, unit: Unit, columns: &[V], publics: &[V], challenges: &Challenges<V>) -> V {
        match unit {
            Unit::Limb { column, tag } => at(columns, column) + challenges.tag(tag),
            _ => challenges.gamma[2] * at(publics, 1) * at(columns, 1) + Fr::from(7u64),
        }
    }
    fn constrain<V: Value>(&self, columns: &[V], publics: &[V], emit: &mut dyn FnMut(V)) {
        let (a, b) = (at(columns, 0), at(columns, 1));
        if a.is_zero() {
            emit(V::zero());
        } else {
            emit(a * a * Fr::from(3u64) - a * b);
        }
        emit(at(publics, 1) * (b - Fr::from(1u64)) * -b);
    }
}

fn mock() -> Mock {
    let limb = |column, tag| Unit::Limb { column, tag };
    Mock(vec![vec![limb(0, 12), Unit::Lane(0), limb(1, 99)], vec![Unit::Activation, Unit::Lane(1)]])
}

/// Random tables of 2^`variables` rows, of which `share` of eight stretches are not zero.
fn tables(count: usize, variables: usize, share: usize) -> Vec<Vec<Fr>> {
    let mut rng = test_rng();
    let rows = 1usize << variables;
    let stretch = |row: usize| row * 8 / rows;
    let mut value = |row: usize, k: usize| if (stretch(row) + k) % 8 < share { Fr::rand(&mut rng) } else { Fr::zero() };
    (0..count).map(|k| (0..rows).map(|row| value(row, k)).collect()).collect()
}

#[test]
fn blocks_and_rows_agree() {
    let mut rng = test_rng();
    let circuit = mock();
    let challenges = Challenges::new(Fr::rand(&mut rng), Fr::rand(&mut rng), Fr::rand(&mut rng), 4);
    for (variables, share) in [(1, 8), (4, 8), (5, 8), (6, 3), (9, 0), (9, 2), (11, 5), (12, 8)] {
        let masks: Vec<Fr> = (0..COLUMNS).map(|_| Fr::rand(&mut rng)).collect();
        let sum = |ifma| {
            let (columns, publics) = (tables(COLUMNS, variables, share), tables(PUBLICS, variables, share));
            RowSum::with(ifma, &circuit, &challenges, columns, publics, masks.clone())
        };
        let (mut fast, mut portable) = (sum(Ifma::detect()), sum(None));
        for round in 0..variables {
            let with_one = round == 0;
            let (mut a, mut b) = (fast.sums(DEGREE, with_one), portable.sums(DEGREE, with_one));
            if !with_one {
                // Not meant to be read.
                (a[1], b[1]) = (Fr::zero(), Fr::zero());
            }
            assert_eq!(a, b, "{variables} variables, round {round}");
            let r = Fr::rand(&mut rng);
            fast.bind(r);
            portable.bind(r);
            assert_eq!(fast.values(), portable.values());
        }
    }
}
