//! Runs once.
use fedproof_program::*;
use fedproof_witness::*;
#[test]
fn mnist_shape() {
    let p = Program { loss: Loss::Sigmoid, dims: vec![784, 128, 10], activations: vec![Activation::Relu], steps: 16, batch: 64, blocks: 16, bits: 16, weight_bits: 40, activation_bits: 10, delta_bits: 14, rate: 100, bound_bits: 44, openings: 1, group: 4 }.validated().unwrap();
    let l = Layout::of(&p);
    let x: Vec<i64> = (0..p.records() * 784).map(|i| (i * 7919 % 1024) as i64).collect();
    let y: Vec<i64> = (0..p.records() * 10).map(|i| if i % 10 == i / 10 % 10 { 1 << 14 } else { 0 }).collect();
    let d = Dataset::new(&p, &l, &x, &y).unwrap();
    let s = Schedule::from_seed(&p, &[3; 32]);
    let w = init_weights(&p, &[1; 32]);
    let at = std::time::Instant::now();
    let t = execute(&p, &l, &w, &d, &s).unwrap();
    println!("{:?} {}", at.elapsed(), t.saturations);
    assert_eq!(t.columns.len(), l.columns.committed_first());
}
