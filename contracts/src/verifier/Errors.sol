// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The checks V1 to V11 of docs/protocol.md, section 5: the same names in every language.

/// V1: the file does not begin with "FEDPROOF".
error WrongMagic();
/// V2: written by another version.
error UnsupportedVersion(uint256 expected, uint256 got);
/// V3: a proof of another kind.
error WrongKind(uint256 expected, uint256 got);
/// V4: the body is not exactly as long as the program fixes.
error WrongLength(uint256 expected, uint256 got);
/// V5: the named field of the statement does not fit the program.
error WrongStatement(bytes32 field);
/// V6: the statement was made for another setup, or the setup is none.
error WrongSetup();
/// V7: a scalar is not below r. Offsets count from the proof's body.
error NonCanonicalScalar(uint256 offset);
/// V8: a coordinate is not below p. Offsets count from the proof's body; for a statement or table point from its start.
error NonCanonicalCoordinate(uint256 offset);
/// V9: a point is neither on the curve nor (0, 0).
error NotOnCurve(uint256 offset);
/// V10: z, x or zeta hit a value that the opening cannot use.
error DegenerateChallenge(bytes32 name);
/// V11: the pairing check fails: some relation, degree or constraint is violated.
error OpeningFailed();

// What is not a verdict on a proof.

/// The program's bytes are not canonical or break a limit of section 1.
error IllegalProgram(bytes32 field);
/// The key's table points are not as many as the program needs.
error WrongTable();
/// No such key was stored.
error UnknownKey(bytes32 keyId);
/// A key needs more bytes than the code of a contract may have.
error KeyTooLong(uint256 length);
/// The key's contract was not created: the call ran out of gas.
error KeyNotWritten();
/// A precompiled contract failed although its input is valid: the call ran out of gas.
error PrecompileFailed();
