// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What a key fixes about statements and proofs (docs/protocol.md, sections 1, 2 and 7).
struct Shape {
    uint256 nW; // points of [W_0] and of [W_out]
    uint256 nD; // points of [D]
    uint256 nb; // bits of a schedule's permutation: nblocks = 2^nb
    uint256 steps; // T
    uint256 batch; // B
    uint256 blocks; // nblocks
    uint256 records; // T B: those that a round reads
    uint256 trainingLength; // bytes of a training proof's file
    uint256 registrationLength; // bytes of a registration proof's file
}

/// Keys of verifiers as data: program, committed tables and setup, checked once and kept as the code of a contract. Anybody may store
/// one; none is ever replaced.
interface IVerifyingKeys {
    event KeyStored(bytes32 indexed keyId, bytes32 keyDigest, bytes32 setupDigest, bytes program);

    /// keyId = keccak256(abi.encode(key digest, setup digest)). Storing a key again changes nothing.
    ///
    /// program: canonical bytes (section 8). tablePoints: the key's committed tables (section 2). setup: tau G1, then tau H, 192 bytes.
    /// Reverts with IllegalProgram, WrongTable, NonCanonicalCoordinate, NotOnCurve, WrongSetup or KeyTooLong.
    function store(bytes calldata program, bytes calldata tablePoints, bytes calldata setup) external returns (bytes32 keyId);

    function isStored(bytes32 keyId) external view returns (bool);

    // All below revert with UnknownKey if the key was never stored.

    function keyDigest(bytes32 keyId) external view returns (bytes32);

    function setupDigest(bytes32 keyId) external view returns (bytes32);

    function shape(bytes32 keyId) external view returns (Shape memory);
}
