// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Shape} from "../interfaces/IVerifyingKeys.sol";
import {TRAINING, REGISTRATION, CLOSE} from "../verifier/Files.sol";

/// The statement is not the reserved false one: the named field could make it true, or is not where it should be.
error NotReserved(bytes32 field);
/// No proofs of this kind.
error UnknownKind(uint256 kind);

/// Statements that are false by construction, whatever the program, one family a kind. They speak of commitments that are the identity,
/// and so open to the zero polynomial alone (another opening would be a root of tau: then tau is known, and every proof worthless).
///
/// - Registration and training: [D] all identity and count > 0. A zero dataset has no valid record ([R-COUNT], section 3; section 4).
/// - Round-close: [S] all identity, [W'] the commitment of the cell 1 in the first vector and of nothing else. The rounded mean of a zero sum is
///   zero: floor(floor(m / 2) / m) = 0 for every m > 0.
///
/// Every other field (submitter, task, round, [W_0], schedule, ..) is free: none of them can make these true. Counts are bounded, so
/// that none is zero modulo r.
library Reserved {
    uint256 private constant WORD = 32;
    uint256 private constant POINT = 64;
    /// x and y of the generator of G1.
    bytes32 private constant G1_X = bytes32(uint256(1));
    bytes32 private constant G1_Y = bytes32(uint256(2));
    /// Round-close: counts are below 2^16.
    uint256 private constant MOST_UPDATES = (1 << 16) - 1;

    /// Reverts unless `statement` is a reserved false one of this kind, about this key and setup.
    function check(uint256 kind, Shape memory shape, bytes32 keyDigest, bytes32 setupDigest, bytes calldata statement)
        internal
        pure
    {
        if (kind == TRAINING) _training(shape, keyDigest, setupDigest, statement);
        else if (kind == REGISTRATION) _registration(shape, keyDigest, setupDigest, statement);
        else if (kind == CLOSE) _close(shape, keyDigest, setupDigest, statement);
        else revert UnknownKind(kind);
    }

    /// Seven words, [W_0], dataset id, [D], pi, beta, count.
    function _training(Shape memory shape, bytes32 keyDigest, bytes32 setupDigest, bytes calldata s) private pure {
        uint256 data = 8 * WORD + POINT * shape.nW;
        uint256 count = data + POINT * shape.nD + shape.nb + WORD;
        _digests(s, count + WORD, 5, keyDigest, setupDigest);
        _identity(s, data, shape.nD, "dataset");
        _within(s, count, shape.records);
    }

    /// Seven words, [D], count.
    function _registration(Shape memory shape, bytes32 keyDigest, bytes32 setupDigest, bytes calldata s) private pure {
        uint256 count = 7 * WORD + POINT * shape.nD;
        _digests(s, count + WORD, 4, keyDigest, setupDigest);
        _identity(s, 7 * WORD, shape.nD, "dataset");
        _within(s, count, shape.blocks * shape.batch);
    }

    /// Seven words, [S], [W'], count.
    function _close(Shape memory shape, bytes32 keyDigest, bytes32 setupDigest, bytes calldata s) private pure {
        uint256 next = 7 * WORD + POINT * shape.nW;
        uint256 count = next + POINT * shape.nW;
        _digests(s, count + WORD, 5, keyDigest, setupDigest);
        _identity(s, 7 * WORD, shape.nW, "sum");
        if (_word(s, next) != G1_X || _word(s, next + WORD) != G1_Y) revert NotReserved("next");
        _identity(s, next + POINT, shape.nW - 1, "next");
        _within(s, count, MOST_UPDATES);
    }

    /// The length, and the words at `index` (key) and behind it (setup).
    function _digests(bytes calldata s, uint256 length, uint256 index, bytes32 keyDigest, bytes32 setupDigest) private pure {
        if (s.length != length) revert NotReserved("length");
        if (_word(s, index * WORD) != keyDigest) revert NotReserved("key");
        if (_word(s, (index + 1) * WORD) != setupDigest) revert NotReserved("setup");
    }

    function _identity(bytes calldata s, uint256 pos, uint256 points, bytes32 field) private pure {
        for (uint256 i = 0; i < 2 * points; ++i) {
            if (_word(s, pos + i * WORD) != 0) revert NotReserved(field);
        }
    }

    function _within(bytes calldata s, uint256 pos, uint256 most) private pure {
        uint256 count = uint256(_word(s, pos));
        if (count == 0 || count > most) revert NotReserved("count");
    }

    function _word(bytes calldata s, uint256 pos) private pure returns (bytes32) {
        return bytes32(s[pos:pos + WORD]);
    }
}
