// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Key, Keys} from "./Key.sol";
import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {CloseLayout, CloseLayouts} from "./CloseLayout.sol";
import {CloseCircuit} from "./CloseCircuit.sol";
import {Scalar, Scalars, ZERO, ONE} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Transcript, Transcripts, Label} from "./Transcript.sol";
import {Sumcheck} from "./Sumcheck.sol";
import {Files, CloseStatement, CLOSE} from "./Files.sol";
import {LookupChallenges} from "./Circuit.sol";
import {MaskSum, MaskSums} from "./MaskSum.sol";
import {Opening, Openings} from "./Opening.sol";
import {Curve} from "./Curve.sol";
import {Vectors} from "./Vectors.sol";

/// Everything a round-close proof says and its challenges (section 4a). Points are calldata positions.
struct CloseProof {
    Program program;
    Layout lay;
    CloseLayout own;
    CloseStatement statement;
    Transcript transcript;
    // of the key: digests, and the address of tau H
    bytes32 keyDigest;
    bytes32 setupDigest;
    uint256 tauH;
    uint256 columns; // sg, limbs, then mu
    uint256 mask;
    uint256 helpers;
    Scalar[] values2; // S, W', sg, limbs, mu, helpers
    Scalar last2;
    Scalar last3;
    Scalar[] r2;
    Scalar[] r3;
    LookupChallenges lookup; // alpha, gamma, chi
    Scalar zeta;
    Scalar omega;
    Scalar degreeValue; // v_zeta
    Scalar[] tau;
    Scalar xi;
    Opening opening;
}

/// A sum of tables' commitments as it grows.
struct Tables {
    Curve.Sum sum;
    uint256 vectors; // nW
    Scalar[] weights; // eqbits(v, vector bits of r2)
    Scalar xi;
    Scalar power; // factor of the last table
}

library Closes {
    using Vectors for Scalar[];
    using Scalars for Scalar;
    using Transcripts for Transcript;
    using Openings for Opening;
    using MaskSums for MaskSum;
    using Curve for Curve.Sum;

    bytes32 private constant DOMAIN = keccak256("fedproof/close/2");

    /// Words of the struct CloseProof.
    uint256 private constant WORDS = 23;

    /// A proof to be read with a stored key, in fresh memory; its address: see Trainings.
    function open(address keys, bytes32 keyId) internal view returns (uint256 proof) {
        uint256 key = Keys.load(keys, keyId);
        uint256 words = WORDS;
        assembly ("memory-safe") {
            proof := mload(0x40)
            mstore(0x40, add(proof, shl(5, words)))
        }
        function(CloseProof memory, Key memory) pure begin = _begin;
        function(uint256, uint256) pure beginAt;
        assembly ("memory-safe") {
            beginAt := begin
        }
        beginAt(proof, key);
    }

    /// What is not read from the file as a whole.
    function _begin(CloseProof memory proof, Key memory key) private pure {
        (proof.program, proof.lay) = (key.program, key.lay);
        (proof.keyDigest, proof.setupDigest, proof.tauH) = (key.digest, key.setupDigest, key.setup + 64);
        proof.own = CloseLayouts.compute(proof.program, proof.lay);
        proof.lookup = LookupChallenges(ZERO, ZERO, ZERO);
    }

    /// V1 to V6: file, statement, setup.
    function openFile(CloseProof memory proof, bytes calldata statement, bytes calldata file) internal pure {
        uint256 body = Files.body(file, CLOSE, proof.own.bodyLength);
        proof.statement = Files.closeStatement(statement, proof.lay, proof.keyDigest, proof.setupDigest);
        proof.transcript = Transcripts.start(DOMAIN, body);
        proof.transcript.absorb(Label.STATEMENT, 0, Files.position(statement), statement.length);
    }

    /// Steps 1 and 2.
    function readCommitments(CloseProof memory proof) internal pure {
        unchecked {
            Transcript memory t = proof.transcript;
            uint256 columns = proof.own.mu - 2; // sg and limbs
            proof.columns = t.readPoints(Label.COLUMNS, columns * proof.lay.nW + 1);
            proof.mask = t.readPoints(Label.MASK, 1);
            proof.lookup.alpha = t.draw(Label.ALPHA);
            proof.lookup.gamma = t.draw(Label.GAMMA);
            proof.zeta = t.draw(Label.ZETA);
            proof.omega = t.draw(Label.OMEGA);
            proof.helpers = t.readPoints(Label.HELPERS, proof.own.helperPoints);
            proof.degreeValue = t.readScalar(Label.DEGREE);
            proof.tau = t.drawPoint(Label.TAU, proof.own.c);
            proof.lookup.chi = t.draw(Label.CHI);
        }
    }

    /// S2, S3.
    function readSumchecks(CloseProof memory proof) internal pure {
        unchecked {
            Transcript memory t = proof.transcript;
            CloseLayout memory own = proof.own;
            (proof.last2, proof.r2) = Sumcheck.verify(t, Label.S2_FOLD, Label.S2_POINT, own.degrees2, ZERO);
            proof.values2 = t.readScalars(Label.S2_VALUES, own.mu + 1 + own.helpers);
            proof.xi = t.draw(Label.XI);
            (proof.last3, proof.r3) = Sumcheck.verify(t, Label.S3_FOLD, Label.S3_POINT, proof.lay.degrees3, target(proof));
        }
    }

    /// The rest, and V10.
    function readOpening(CloseProof memory proof) internal view {
        proof.opening = Openings.read(proof.transcript, true, proof.zeta);
    }

    /// The sum of the relations' right-hand sides: R-S2, values in order, R-DEG.
    function target(CloseProof memory proof) internal pure returns (Scalar y) {
        unchecked {
            Scalar[] memory values = proof.values2;
            Scalar xi = proof.xi;
            y = proof.degreeValue * xi;
            for (uint256 k = values.length; k > 0; --k) {
                y = (y + values.get(k - 1)) * xi;
            }
            y = y + (proof.last2 - CloseCircuit.integrand(proof));
        }
    }

    /// c_1 l'(1/z) + c_2 l'(z), l' = l + 2^n g_3(r3) - sigma_3
    function mask(CloseProof memory proof) internal pure returns (Scalar) {
        unchecked {
            Opening memory o = proof.opening;
            MaskSum memory m = MaskSums.start(o.zInverse, o.z, proof.own.degrees2);
            Scalar x = proof.r2.get(proof.own.c - 1);
            m.powers(x * (ONE - x) * proof.xi, proof.xi, proof.values2.length);
            m.closing(proof.lay.degrees3, proof.r3, Scalars.powerOfTwo(proof.lay.n));
            m.closing(proof.own.degrees2, proof.r2, ONE);
            m.zeros(CloseLayouts.MASK_START);
            return o.c1 * m.atX + o.c2 * m.atY;
        }
    }

    /// The left side of the pairing check.
    function combine(CloseProof memory proof, Scalar onMask) internal view returns (Curve.Sum sum) {
        Opening memory o = proof.opening;
        Scalar onRows = o.factor(proof.r3);
        sum = _tables(proof, onRows, onRows * _degree(proof) + o.c3);
        sum.addProduct(proof.mask, onMask);
        o.addOwn(sum, Scalars.powerOfTwo(proof.lay.n) * proof.last3, proof.degreeValue);
    }

    /// The tables' commitments with their weights at r3, times `factor`: vector v of the table whose value is the k-th has
    /// xi^(1+k) eqbits(v, vector bits of r2) eq(cell bits of r2, r3).
    function _tables(CloseProof memory proof, Scalar factor, Scalar onNext) private view returns (Curve.Sum sum) {
        unchecked {
            sum = Curve.zero();
            Layout memory lay = proof.lay;
            uint256 own = (proof.own.mu - 2) * lay.nW; // sg and limbs
            factor = factor * Multilinear.eq(proof.r2, lay.wv, proof.r3, 0, lay.n);
            Tables memory w = Tables(sum, lay.nW, Multilinear.eqTable(proof.r2, 0, lay.wv), proof.xi, factor);
            _add(w, proof.statement.sum, lay.nW);
            _addNext(proof, w, onNext);
            _add(w, proof.columns, own);
            _add(w, proof.columns + 64 * own, 1);
            _add(w, proof.helpers, proof.own.helperPoints);
        }
    }

    /// R-DEG at r3 for vector 0 of W'; for vector v it is omega^v times that.
    function _degree(CloseProof memory proof) private pure returns (Scalar) {
        unchecked {
            (Scalar atZeta,) = Multilinear.powersAt(proof.r3, proof.zeta);
            return proof.xi.pow(proof.values2.length + 1) * atZeta;
        }
    }

    /// Adds [W']: besides its value's relation vector v has omega^v onNext, for R-DEG and A3.
    function _addNext(CloseProof memory proof, Tables memory w, Scalar onNext) private view {
        unchecked {
            w.power = w.power * w.xi;
            for (uint256 v = 0; v < w.vectors; ++v) {
                w.sum.addProduct(proof.statement.next + 64 * v, w.power * w.weights.get(v) + onNext);
                onNext = onNext * proof.omega;
            }
        }
    }

    /// Adds n commitments from calldata position `pos` on: of tables of nW vectors each; the last may have its first one only.
    function _add(Tables memory w, uint256 pos, uint256 n) private view {
        unchecked {
            uint256 v = w.vectors;
            for (uint256 k = 0; k < n; ++k) {
                if (v == w.vectors) (v, w.power) = (0, w.power * w.xi);
                w.sum.addProduct(pos + 64 * k, w.power * w.weights.get(v++));
            }
        }
    }

    /// V11
    function check(CloseProof memory proof) internal view {
        proof.opening.check(combine(proof, mask(proof)), proof.tauH);
    }
}
