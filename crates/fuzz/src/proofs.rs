//! Proof files under one small key.

use crate::edit::edited;
use crate::scene::{legal, scene, Scene};
use fedproof_proof::{verify_close, verify_registration, verify_training};

/// No bytes but the honest proof are accepted.
pub(crate) fn training_file(bytes: &[u8]) {
    let Scene { key, setup, training, training_file, .. } = scene();
    let accepted = verify_training(key, setup, training, bytes).is_ok();
    assert_eq!(accepted, bytes == training_file, "accepted another training proof, or not the honest one");
}

/// No edits of the honest proof are accepted, unless they undo each other.
pub(crate) fn training_edits(edits: &[u8]) {
    training_file(&edited(&scene().training_file, edits));
}

pub(crate) fn training_seeds() -> Vec<Vec<u8>> {
    vec![scene().training_file.clone(), scene().registration_file.clone()]
}

/// No bytes but the honest proof are accepted.
pub(crate) fn registration_file(bytes: &[u8]) {
    let Scene { key, setup, registration, registration_file, .. } = scene();
    let accepted = verify_registration(key, setup, registration, bytes).is_ok();
    assert_eq!(accepted, bytes == registration_file, "accepted another registration proof, or not the honest one");
}

/// No edits of the honest proof are accepted, unless they undo each other.
pub(crate) fn registration_edits(edits: &[u8]) {
    registration_file(&edited(&scene().registration_file, edits));
}

pub(crate) fn registration_seeds() -> Vec<Vec<u8>> {
    vec![scene().registration_file.clone(), scene().training_file.clone()]
}

/// No bytes but the honest proof are accepted.
pub(crate) fn close_file(bytes: &[u8]) {
    let Scene { key, setup, close, close_file, .. } = scene();
    let accepted = verify_close(legal(key.close()), setup, close, bytes).is_ok();
    assert_eq!(accepted, bytes == close_file, "accepted another round-close proof, or not the honest one");
}

/// No edits of the honest proof are accepted, unless they undo each other.
pub(crate) fn close_edits(edits: &[u8]) {
    close_file(&edited(&scene().close_file, edits));
}

pub(crate) fn close_seeds() -> Vec<Vec<u8>> {
    vec![scene().close_file.clone(), scene().training_file.clone()]
}
