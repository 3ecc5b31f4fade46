// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Key, Keys} from "./Key.sol";
import {Program, Programs} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {RegistrationLayout} from "./RegistrationLayout.sol";
import {Scalar, Scalars, ZERO, ONE} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Transcript, Transcripts, Label} from "./Transcript.sol";
import {Sumcheck} from "./Sumcheck.sol";
import {Files, Statement, REGISTRATION} from "./Files.sol";
import {Circuit, Fractions, Integrand, LookupChallenges} from "./Circuit.sol";
import {PublicFunctions} from "./Publics.sol";
import {Opening, Openings} from "./Opening.sol";
import {MaskSum, MaskSums} from "./MaskSum.sol";
import {Curve} from "./Curve.sol";
import {Vectors} from "./Vectors.sol";

/// Everything a registration proof says and its challenges (section 4). Points are calldata positions.
struct RegistrationProof {
    Program program;
    Layout lay;
    RegistrationLayout own;
    Statement statement;
    Transcript transcript;
    // of the key: digests, and the address of tau H
    bytes32 keyDigest;
    bytes32 setupDigest;
    uint256 tauH;
    uint256 multiplicities;
    uint256 mask;
    uint256 helpers;
    Scalar[] values2; // D_v, mu, helpers
    Scalar last2;
    Scalar last3;
    Scalar[] r2;
    Scalar[] r3;
    LookupChallenges lookup; // alpha, gamma, chi
    Scalar[] rhoRec;
    Scalar[] tau;
    Scalar xi;
    Opening opening;
}

/// Coefficients of the committed vectors.
struct RegistrationRows {
    Scalar[] data; // [D]
    Scalar[] columns; // mu, then helpers
}

/// Values of the selectors selX, selY, selV.
struct Selectors {
    Scalar x;
    Scalar y;
    Scalar v;
}

library Registrations {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Transcripts for Transcript;
    using Openings for Opening;
    using MaskSums for MaskSum;
    using Scalars for Scalar;
    using Curve for Curve.Sum;
    using Programs for Program;

    bytes32 private constant DOMAIN = keccak256("fedproof/registration/2");

    /// Words of the struct RegistrationProof.
    uint256 private constant WORDS = 21;

    /// A proof to be read with a stored key, in fresh memory; its address: see Trainings.
    function open(address keys, bytes32 keyId) internal view returns (uint256 proof) {
        uint256 key = Keys.load(keys, keyId);
        uint256 words = WORDS;
        assembly ("memory-safe") {
            proof := mload(0x40)
            mstore(0x40, add(proof, shl(5, words)))
        }
        function(RegistrationProof memory, Key memory) pure begin = _begin;
        function(uint256, uint256) pure beginAt;
        assembly ("memory-safe") {
            beginAt := begin
        }
        beginAt(proof, key);
    }

    /// What is not read from the file as a whole.
    function _begin(RegistrationProof memory proof, Key memory key) private pure {
        (proof.program, proof.lay, proof.own) = (key.program, key.lay, key.registration);
        (proof.keyDigest, proof.setupDigest, proof.tauH) = (key.digest, key.setupDigest, key.setup + 64);
        proof.lookup = LookupChallenges(ZERO, ZERO, ZERO);
    }

    /// V1 to V6: file, statement, setup.
    function openFile(RegistrationProof memory proof, bytes calldata statement, bytes calldata file) internal pure {
        uint256 body = Files.body(file, REGISTRATION, proof.own.bodyLength);
        proof.statement = Files.registrationStatement(statement, proof.program, proof.lay, proof.keyDigest, proof.setupDigest);
        proof.transcript = Transcripts.start(DOMAIN, body);
        proof.transcript.absorb(Label.STATEMENT, 0, Files.position(statement), statement.length);
    }

    /// All messages in order, and V7 to V10.
    function read(RegistrationProof memory proof) internal view {
        Transcript memory t = proof.transcript;
        Layout memory lay = proof.lay;
        proof.multiplicities = t.readPoints(Label.COLUMNS, 1);
        proof.mask = t.readPoints(Label.MASK, 1);
        proof.lookup.alpha = t.draw(Label.ALPHA);
        proof.lookup.gamma = t.draw(Label.GAMMA);
        proof.helpers = t.readPoints(Label.HELPERS, proof.own.helpers);
        proof.rhoRec = t.drawPoint(Label.RHO_REC, lay.nb + lay.bb);
        proof.tau = t.drawPoint(Label.TAU, lay.n);
        proof.lookup.chi = t.draw(Label.CHI);
        (proof.last2, proof.r2) = Sumcheck.verify(t, Label.S2_FOLD, Label.S2_POINT, proof.own.degrees2, ZERO);
        proof.values2 = t.readScalars(Label.S2_VALUES, lay.nD + 1 + proof.own.helpers);
        proof.xi = t.draw(Label.XI);
        (proof.last3, proof.r3) = Sumcheck.verify(t, Label.S3_FOLD, Label.S3_POINT, proof.own.degrees3, target(proof));
        proof.opening = Openings.read(t, false, ZERO);
    }

    /// The sum of the relations' right-hand sides: R-S2, values in order, one-hot (0), count.
    function target(RegistrationProof memory proof) internal pure returns (Scalar y) {
        unchecked {
            y = proof.last2 - integrand(proof);
            Scalar power = proof.xi;
            for (uint256 k = 0; k < proof.values2.length; ++k) {
                y = y + power * proof.values2.get(k);
                power = power * proof.xi;
            }
            if (proof.program.oneHot) power = power * proof.xi;
            y = y + power * Scalars.from(proof.statement.count);
        }
    }

    /// Selectors of features (signed targets too), of targets that are 0 or 2^fd and of validity slots at r2.
    function _selectors(RegistrationProof memory proof) private pure returns (Selectors memory sel) {
        unchecked {
            Layout memory lay = proof.lay;
            Program memory p = proof.program;
            uint256 slot = lay.n - lay.rb;
            Scalar here = Multilinear.eqBits(0, proof.r2, 0, lay.n > lay.nd ? lay.n - lay.nd : 0);
            sel.x = here * Multilinear.mlt(proof.r2, slot, lay.rb, p.dims.get(0));
            sel.y = here * _targets(proof, proof.r2);
            if (!p.classifies()) (sel.x, sel.y) = (sel.x + sel.y, ZERO);
            sel.v = here * Multilinear.eqBits(lay.voff, proof.r2, slot, lay.rb);
        }
    }

    /// The target slots in use, at a point.
    function _targets(RegistrationProof memory proof, Scalar[] memory point) private pure returns (Scalar) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 d = proof.program.dims.get(proof.program.layers);
            uint256 j = lay.J.get(proof.program.layers);
            return Multilinear.eqBits(lay.toff >> j, point, lay.n - lay.rb, lay.rb - j) * Multilinear.mlt(point, lay.n - j, j, d);
        }
    }

    /// The integrand of S2 at r2.
    function integrand(RegistrationProof memory proof) internal pure returns (Scalar) {
        unchecked {
            Scalar[] memory values = proof.values2;
            uint256 nD = proof.lay.nD;
            Selectors memory sel = _selectors(proof);
            Integrand memory f = Circuit.helpers(_fractions(proof, sel.x), values, nD + 1, proof.lookup.chi);
            if (proof.program.classifies()) {
                Scalar one = Scalars.powerOfTwo(proof.program.deltaBits);
                for (uint256 v = 0; v < nD; ++v) {
                    Circuit.constrain(f, sel.y * values.get(v) * (values.get(v) - one));
                }
            }
            for (uint256 v = 0; v < nD; ++v) {
                Circuit.constrain(f, sel.v * values.get(v) * (values.get(v) - ONE));
            }
            return f.total * Multilinear.eq(proof.tau, 0, proof.r2, 0, proof.lay.n) + f.sumHelpers;
        }
    }

    /// Units D_v + 2^(l-1) + gamma l, then the lane; first fit fills helper after helper.
    function _fractions(RegistrationProof memory proof, Scalar selX) private pure returns (Fractions memory f) {
        unchecked {
            Program memory p = proof.program;
            uint256 nD = proof.lay.nD;
            f = Circuit.start(proof.own.helpers);
            Scalar shift = proof.lookup.alpha + Scalars.powerOfTwo(p.bits - 1) + proof.lookup.gamma * Scalars.from(p.bits);
            for (uint256 v = 0; v < nD; ++v) {
                Circuit.include(f, v / p.group, selX, shift + proof.values2.get(v));
            }
            _lane(proof, f);
        }
    }

    /// The lane: the range of l bits in its first rows.
    function _lane(RegistrationProof memory proof, Fractions memory f) private pure {
        unchecked {
            uint256 bits = proof.program.bits;
            uint256 nD = proof.lay.nD;
            Scalar index = Multilinear.index(proof.r2, proof.r2.length - bits, bits);
            (Scalar selT, Scalar t) = PublicFunctions.segmentAt(bits, bits, 0, index, proof.lookup.gamma, proof.r2);
            Circuit.include(f, nD / proof.program.group, -(selT * proof.values2.get(nD)), proof.lookup.alpha + t);
        }
    }

    /// Weights of the committed vectors at r3.
    function rows(RegistrationProof memory proof) internal pure returns (RegistrationRows memory w) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 nD = lay.nD;
            w.data = new Scalar[](nD);
            w.columns = new Scalar[](1 + proof.own.helpers);
            Scalar power = proof.xi * Multilinear.eq(proof.r2, 0, proof.r3, 0, lay.n);
            for (uint256 v = 0; v < nD; ++v) {
                w.data.set(v, power);
                power = power * proof.xi;
            }
            for (uint256 k = 0; k < w.columns.length; ++k) {
                w.columns.set(k, power);
                power = power * proof.xi;
            }
            _records(proof, w, proof.xi.pow(1 + nD + w.columns.length));
        }
    }

    /// One-hot, from the power of xi given, and count.
    function _records(RegistrationProof memory proof, RegistrationRows memory w, Scalar power) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 pad = lay.n > lay.nd ? lay.n - lay.nd : 0;
            power = power * Multilinear.eqBits(0, proof.r3, 0, pad);
            Scalar valid = Multilinear.eqBits(lay.voff, proof.r3, lay.n - lay.rb, lay.rb);
            Scalar hot;
            if (proof.program.oneHot) {
                hot = power * (_targets(proof, proof.r3) - Scalars.powerOfTwo(proof.program.deltaBits) * valid);
                // the variables of a record within a vector: those behind the vector's number
                uint256 inside = lay.nb + lay.bb - lay.dv;
                hot = hot * Multilinear.eq(proof.rhoRec, lay.dv, proof.r3, pad, inside);
                power = power * proof.xi;
            }
            Scalar count = power * valid;
            for (uint256 v = 0; v < lay.nD; ++v) {
                w.data.add(v, count + Multilinear.eqBits(v, proof.rhoRec, 0, lay.dv) * hot);
            }
        }
    }

    /// l' = l + 2^n g_3(r3) - sigma_3 at 1/z and z: c_1 l'(1/z) + c_2 l'(z)
    function mask(RegistrationProof memory proof) internal pure returns (Scalar) {
        unchecked {
            RegistrationLayout memory own = proof.own;
            Opening memory o = proof.opening;
            uint256 n = proof.lay.n;
            MaskSum memory m = MaskSums.start(o.zInverse, o.z, own.degrees2);
            Scalar x = proof.r2.get(n - 1);
            m.powers(x * (ONE - x) * proof.xi, proof.xi, proof.values2.length);
            m.closing(own.degrees3, proof.r3, Scalars.powerOfTwo(n));
            m.closing(own.degrees2, proof.r2, ONE);
            m.zeros(own.mask2);
            return o.c1 * m.atX + o.c2 * m.atY;
        }
    }

    /// The left side of the pairing check.
    function combine(RegistrationProof memory proof, RegistrationRows memory w, Scalar onMask)
        internal
        view
        returns (Curve.Sum sum)
    {
        Opening memory o = proof.opening;
        Scalar onRows = o.factor(proof.r3);
        sum = Curve.zero();
        unchecked {
            for (uint256 v = 0; v < w.data.length; ++v) {
                sum.addProduct(proof.statement.data + 64 * v, onRows * w.data[v]);
            }
            sum.addProduct(proof.multiplicities, onRows * w.columns.get(0));
            for (uint256 k = 1; k < w.columns.length; ++k) {
                sum.addProduct(proof.helpers + 64 * (k - 1), onRows * w.columns.get(k));
            }
        }
        sum.addProduct(proof.mask, onMask);
        o.addOwn(sum, Scalars.powerOfTwo(proof.lay.n) * proof.last3, ZERO);
    }

    /// V11
    function check(RegistrationProof memory proof) internal view {
        proof.opening.check(combine(proof, rows(proof), mask(proof)), proof.tauH);
    }
}
