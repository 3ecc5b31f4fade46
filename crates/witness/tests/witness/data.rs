//! Datasets and weight tables: layout, checks, messages.

use crate::case::{program, Case};
use crate::strategy::any_case;
use fedproof_program::{Activation, Layout, Loss, Program, Schedule};
use fedproof_witness::{execute, weight_table, weights_from_table, DataError, Dataset, ExecuteError};
use proptest::prelude::*;

fn small(loss: Loss, dims: &[usize]) -> (Program, Layout) {
    let program = program(loss, dims, Activation::Relu);
    let layout = Layout::of(&program);
    (program, layout)
}

#[test]
fn cells_are_where_the_layout_says() {
    let (p, layout) = small(Loss::Squared, &[3, 2, 2]);
    let x: Vec<i64> = (0..48).collect();
    let y: Vec<i64> = (0..32).map(|v| v - 64).collect();
    let data = Dataset::new(&p, &layout, &x, &y).unwrap();
    assert_eq!((data.vectors(), data.count()), (layout.data_vectors, 16));
    assert_eq!(data.cells(), (0..data.vectors()).flat_map(|v| data.vector(v).to_vec()).collect::<Vec<_>>());
    assert!(data.vector(data.vectors()).is_empty());
    for record in 0..16 {
        for slot in 0..1 << layout.record.bits {
            let expected = match slot {
                s if s < 3 => x[record * 3 + s],
                s if (layout.record.targets..layout.record.targets + 2).contains(&s) => y[record * 2 + s - layout.record.targets],
                s => i64::from(s == layout.record.valid),
            };
            assert_eq!(data.cell(&layout, record / 4, record % 4, slot), expected);
        }
    }
    assert!(data.cells()[16 << layout.record.bits..].iter().all(|&v| v == 0));
    assert_eq!(Dataset::from_cells(&layout, data.cells().to_vec()), data);
    assert_eq!(data.scheduled_count(&p, &Schedule::from_seed(&p, &[0; 32])), 16);
}

#[test]
fn bad_records_are_named() {
    let (p, layout) = small(Loss::Sigmoid, &[3, 2, 2]);
    let x = vec![127; 48];
    let y: Vec<i64> = [64, 0].repeat(16);
    let fails = |x: &[i64], y: &[i64]| Dataset::new(&p, &layout, x, y).unwrap_err();
    let with = |v: &[i64], at: usize, value: i64| {
        let mut v = v.to_vec();
        v[at] = value;
        v
    };
    assert!(Dataset::new(&p, &layout, &x, &y).is_ok());
    assert_eq!(fails(&x[1..], &y), DataError::Size { what: "features", records: 16, width: 3, expected: 48, got: 47 });
    assert_eq!(fails(&x, &y[2..]), DataError::Size { what: "targets", records: 16, width: 2, expected: 32, got: 30 });
    let range = DataError::Range { what: "features", record: 1, column: 2, value: 128, min: -128, max: 127 };
    assert_eq!(range.to_string(), "features: record 1, column 2: 128 is not between -128 and 127");
    assert_eq!(fails(&with(&x, 5, 128), &y), range);
    assert_eq!(fails(&x, &with(&y, 3, 63)), DataError::Target { record: 1, column: 1, value: 63, one: 64 });
    assert_eq!(fails(&x, &with(&y, 3, 64)), DataError::OneHot { record: 1, ones: 2 });
    assert_eq!(fails(&x, &with(&y, 2, 0)), DataError::OneHot { record: 1, ones: 0 });
    let (p, layout) = small(Loss::Squared, &[3, 2, 2]);
    let range = DataError::Range { what: "targets", record: 15, column: 1, value: -129, min: -128, max: 127 };
    assert_eq!(Dataset::new(&p, &layout, &x, &with(&y, 31, -129)).unwrap_err(), range);
    let (p, layout) = small(Loss::Huber, &[3, 2, 2]);
    assert_eq!(Dataset::new(&p, &layout, &x, &with(&y, 31, -129)).unwrap_err(), range);
    let (p, layout) = small(Loss::Sigmoid, &[3, 2, 1]);
    assert!(Dataset::new(&p, &layout, &x, &[0, 64].repeat(8)).is_ok());
}

/// Several classes at once, or none, where targets are labels; exactly one with softmax.
#[test]
fn labels_and_classes() {
    let (p, layout) = small(Loss::Sigmoid, &[3, 2, 2]);
    let labels = Program { one_hot: false, ..p }.validated().unwrap();
    let y: Vec<i64> = [64, 64, 0, 0, 0, 64, 64, 0].repeat(4);
    let data = Dataset::new(&labels, &layout, &[0; 48], &y).unwrap();
    let target = layout.record.targets;
    assert_eq!((0..4).map(|b| data.cell(&layout, 0, b, target + 1)).collect::<Vec<_>>(), [64, 0, 64, 0]);
    assert!(matches!(Dataset::new(&labels, &layout, &[0; 48], &[1; 32]), Err(DataError::Target { .. })));
    let (p, layout) = small(Loss::Softmax, &[3, 2, 2]);
    assert_eq!(Dataset::new(&p, &layout, &[0; 48], &y), Err(DataError::OneHot { record: 0, ones: 2 }));
    assert!(Dataset::new(&p, &layout, &[0; 48], &[64, 0].repeat(16)).is_ok());
}

#[test]
fn bad_inputs_of_an_execution_are_named() {
    let case = Case::new(program(Loss::Sigmoid, &[3, 2, 2], Activation::Relu), 20, 5);
    let fails = |weights: &Vec<Vec<i64>>, data: &Dataset, schedule: &Schedule| {
        execute(&case.program, &case.layout, weights, data, schedule).unwrap_err()
    };
    let mut weights = case.weights.clone();
    weights[1][3] = -(1 << 22);
    let bound = ExecuteError::Weight { layer: 2, row: 1, column: 1, value: -(1 << 22), bound_bits: 22 };
    assert_eq!(fails(&weights, &case.dataset, &case.schedule), bound);
    weights[1].pop();
    let shape = ExecuteError::Shape { layer: 2, rows: 3, columns: 2, got: 5 };
    assert_eq!(fails(&weights, &case.dataset, &case.schedule), shape);
    weights.pop();
    assert_eq!(fails(&weights, &case.dataset, &case.schedule), ExecuteError::Layers { expected: 2, got: 1 });
    let schedule = Schedule { pi: vec![0, 1], beta: 4 };
    let step = ExecuteError::Schedule { step: 0, block: 4, blocks: 4 };
    assert_eq!(fails(&case.weights, &case.dataset, &schedule), step);
    let mut wide = case.program.clone();
    wide.dims[0] = 500;
    let other = Dataset::from_cells(&Layout::of(&wide), vec![]);
    assert!(matches!(fails(&case.weights, &other, &case.schedule), ExecuteError::Dataset { .. }));
}

proptest! {
    #[test]
    fn weight_tables_round_trip(case in any_case()) {
        let (p, layout) = (&case.program, &case.layout);
        let mut table = weight_table(p, layout, &case.weights);
        prop_assert_eq!(table.len(), layout.weight_vectors * layout.n());
        prop_assert_eq!(weights_from_table(p, layout, &table).unwrap(), case.weights.clone());
        let region = layout.weights[0];
        let last = region.offset + (p.dims[0] << layout.unit_bits[1]) + p.dims[1] - 1;
        prop_assert_eq!(table[last], *case.weights[0].last().unwrap());
        let end = table.len() - 1;
        table[end] = 1;
        if !layout.weights.iter().any(|r| r.offset + (1 << r.bits) == end + 1) {
            prop_assert_eq!(weights_from_table(p, layout, &table), Err(ExecuteError::Padding { cell: end, value: 1 }));
        }
        prop_assert!(weights_from_table(p, layout, &table[1..]).is_err());
    }
}
