//! Setups read from files and written to them.

mod common;

use ark_bn254::{Fr, G1Affine};
use ark_ec::AffineRepr;
use common::{cache, power4_of, ptau, saved, TempFile, POWER4};
use fedproof_kzg::{Commit, Setup};
use fedproof_transcript::{keccak256, point_to_bytes};
use std::fs;

const TAU_G: &str = "2b788616df9df4b580f5dcbc58722cae49c6f22f90952e62b4d689ad8a729408\
                     24f9545d9c9638bc7c24793d76fccb00a71e23edacf68a87a5a8ae97abee2e78";
const TAU_30_G: &str = "1449c8605b1fa1847d11a7cef102095d2d10a05dcafd68586c171c7a98eac255\
                        0473989a00b48274a04f6d7b6e08fcbe80487910b1ab641fc5381372862115ec";
const TAU_H: &str = "2523a85a9984fc2bd5a472cdaabc90163cfd5312a2427920722e251a88ddab02\
                     0c5f3826bfb3705e5bb48aa2c3085427fba800238e067569b39782bc985093dc\
                     00077d49fd9b37921ccc190aac211c6442928cc43d4bad09cb5506526bb55125\
                     03c259dde88c0d553fefcb89a08b142925bacda7658904c573b71c49be3ef5c1";

#[test]
fn a_snarkjs_file_is_read() {
    let setup = ptau(POWER4, 31).unwrap();
    assert_eq!(setup.powers(), 31);
    assert!(!setup.insecure());
    assert_eq!(setup.g1()[0], G1Affine::generator());
    assert_eq!(hex::encode(point_to_bytes(&setup.g1()[1])), TAU_G);
    assert_eq!(hex::encode(point_to_bytes(&setup.g1()[30])), TAU_30_G);
    let expected = keccak256(&[b"fedproof/setup/1", &hex::decode(TAU_G).unwrap(), &hex::decode(TAU_H).unwrap()]);
    assert_eq!(setup.digest(), expected);
    assert!(setup.pairing_check(setup.g1()[7], setup.g1()[6]));
    assert!(!setup.pairing_check(setup.g1()[6], setup.g1()[7]));
}

#[test]
fn fewer_powers_are_the_first_ones() {
    let setup = ptau(POWER4, 31).unwrap();
    for powers in [2, 3, 16, 30] {
        let fewer = ptau(POWER4, powers).unwrap();
        assert_eq!(fewer.g1(), &setup.g1()[..powers]);
        assert_eq!(fewer.digest(), setup.digest());
        let truncated = setup.truncated(powers).unwrap();
        assert_eq!(truncated.g1(), fewer.g1());
        assert_eq!(truncated.digest(), setup.digest());
    }
}

#[test]
fn the_development_setup_is_known_in_any_file() {
    let development = Setup::development(31);
    assert!(development.insecure());
    let renamed = ptau(&power4_of(Setup::development_tau()), 31).unwrap();
    assert!(renamed.insecure());
    assert_eq!(renamed.g1(), development.g1());
    assert_eq!(renamed.digest(), development.digest());
    assert!(!ptau(&power4_of(Setup::development_tau() + Fr::from(1u64)), 31).unwrap().insecure());
}

#[test]
fn saved_setups_load() {
    for setup in [Setup::development(2), Setup::development(1000), ptau(POWER4, 31).unwrap()] {
        let bytes = saved(&setup);
        assert_eq!(bytes.len(), 15 + 128 + 64 * setup.powers() + 32);
        let loaded = cache(&bytes).unwrap();
        assert_eq!(loaded.g1(), setup.g1());
        assert_eq!(loaded.tau_h(), setup.tau_h());
        assert_eq!(loaded.digest(), setup.digest());
        assert_eq!(loaded.insecure(), setup.insecure());
        assert_eq!(saved(&loaded), bytes);
        assert_eq!(loaded.commit_small(&[1, -2], 0, &[]), setup.commit_small(&[1, -2], 0, &[]));
    }
}

#[test]
fn saving_replaces_and_leaves_nothing_else() {
    let folder = TempFile::new(b"");
    fs::remove_file(&folder.0).unwrap();
    fs::create_dir(&folder.0).unwrap();
    let path = folder.0.join("setup");
    Setup::development(2).save(&path).unwrap();
    Setup::development(3).save(&path).unwrap();
    assert_eq!(Setup::load(&path).unwrap().powers(), 3);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    // A folder cannot be replaced by a file; nothing stays behind.
    fs::create_dir(folder.0.join("folder")).unwrap();
    assert!(Setup::development(2).save(&folder.0.join("folder")).is_err());
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2);
    fs::remove_dir_all(&folder.0).unwrap();
}
