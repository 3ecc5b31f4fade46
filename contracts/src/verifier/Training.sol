// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TrainingWeights} from "../TrainingWeights.sol";
import {Images} from "./Image.sol";
import {Key, Keys} from "./Key.sol";
import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Scalar, Scalars, ZERO} from "./Scalar.sol";
import {Transcript, Transcripts, Label} from "./Transcript.sol";
import {Sumcheck} from "./Sumcheck.sol";
import {Files, Statement, TRAINING} from "./Files.sol";
import {LookupChallenges} from "./Circuit.sol";
import {Opening, Openings} from "./Opening.sol";
import {Curve} from "./Curve.sol";
import {Rows} from "./Rows.sol";
import {Vectors} from "./Vectors.sol";
import {TrainingRelations, Batch} from "./TrainingRelations.sol";

/// Everything a training proof says and its challenges (section 3). Points are calldata positions, but for those of the key.
struct TrainingProof {
    Program program;
    Layout lay;
    Statement statement;
    Transcript transcript;
    // of the key: digests, and addresses of tau H and of the table points
    bytes32 keyDigest;
    bytes32 setupDigest;
    uint256 tauH;
    uint256 tables;
    uint256 columns;
    uint256 update;
    uint256 mask;
    uint256 helpers;
    Scalar degreeValue; // v_zeta
    Scalar[] valuesA; // X, W of every term of S1a
    Scalar[] valuesB; // A, D of every term of S1b
    Scalar[] values2; // columns, helpers, y, v
    Scalar[] tableValues; // vtab of the lanes with committed tables
    // last claims of the sumchecks, and their points
    Scalar lastA;
    Scalar lastB;
    Scalar last2;
    Scalar last3;
    Scalar[] ra;
    Scalar[] rb;
    Scalar[] r2;
    Scalar[] r3;
    // other challenges
    LookupChallenges lookup; // alpha, gamma, chi
    Scalar zeta;
    Scalar omega;
    Scalar[] rho; // rho_t, then rho_b
    Scalar[][] rhoJ; // by layer, each with one more variable in front, which is 0
    Scalar[] u;
    Scalar eta;
    Scalar[] tau;
    Scalar kappa;
    Batch batch; // powers of xi
    Opening opening;
}

/// Reading a training proof in the order of the transcript, then one check of all relations. Their left-hand sides are computed by
/// another contract: no contract may hold it all.
library Trainings {
    using Transcripts for Transcript;
    using Openings for Opening;
    using Curve for Curve.Sum;
    using Vectors for Scalar[];

    bytes32 private constant DOMAIN = keccak256("fedproof/training/2");

    /// Words of the struct TrainingProof.
    uint256 private constant WORDS = 36;

    /// A proof to be read with a stored key, in fresh memory; its address. Not allocated by the compiler, which would fill every
    /// structure that it points to with zeros first.
    function open(address keys, bytes32 keyId) internal view returns (uint256 proof) {
        uint256 key = Keys.load(keys, keyId);
        uint256 words = WORDS;
        assembly ("memory-safe") {
            proof := mload(0x40)
            mstore(0x40, add(proof, shl(5, words)))
        }
        function(TrainingProof memory, Key memory) pure begin = _begin;
        function(uint256, uint256) pure beginAt;
        assembly ("memory-safe") {
            beginAt := begin
        }
        beginAt(proof, key);
    }

    /// What is not read from the file as a whole.
    function _begin(TrainingProof memory proof, Key memory key) private pure {
        (proof.program, proof.lay) = (key.program, key.lay);
        (proof.keyDigest, proof.setupDigest) = (key.digest, key.setupDigest);
        (proof.tauH, proof.tables) = (key.setup + 64, key.tables);
        proof.lookup = LookupChallenges(ZERO, ZERO, ZERO);
        proof.tableValues = new Scalar[](0);
    }

    /// V1 to V6: file, statement, setup.
    function openFile(TrainingProof memory proof, bytes calldata statement, bytes calldata file) internal pure {
        uint256 body = Files.body(file, TRAINING, proof.lay.bodyLength);
        proof.statement = Files.trainingStatement(statement, proof.program, proof.lay, proof.keyDigest, proof.setupDigest);
        proof.transcript = Transcripts.start(DOMAIN, body);
        proof.transcript.absorb(Label.STATEMENT, 0, Files.position(statement), statement.length);
    }

    /// Steps 1 and 2: commitments.
    function readCommitments(TrainingProof memory proof) internal pure {
        Transcript memory t = proof.transcript;
        Layout memory lay = proof.lay;
        proof.columns = t.readPoints(Label.COLUMNS, lay.mu * lay.V + lay.lanes);
        proof.update = t.readPoints(Label.UPDATE, lay.nW);
        proof.mask = t.readPoints(Label.MASK, 1);
        proof.lookup.alpha = t.draw(Label.ALPHA);
        proof.lookup.gamma = t.draw(Label.GAMMA);
        proof.zeta = t.draw(Label.ZETA);
        proof.omega = t.draw(Label.OMEGA);
        proof.helpers = t.readPoints(Label.HELPERS, lay.helperAt[lay.helpers]);
        proof.degreeValue = t.readScalar(Label.DEGREE);
        proof.rho = new Scalar[](lay.tb + lay.bb);
        t.drawInto(Label.RHO_T, 0, proof.rho, 0, lay.tb);
        t.drawInto(Label.RHO_B, 0, proof.rho, lay.tb, lay.bb);
        uint256 L = proof.program.layers;
        proof.rhoJ = new Scalar[][](L + 1);
        for (uint256 i = 1; i <= L; ++i) {
            proof.rhoJ[i] = new Scalar[](lay.J[i] + 1);
            t.drawInto(Label.RHO_J, 256 * i, proof.rhoJ[i], 1, lay.J[i]);
        }
        proof.u = t.drawPoint(Label.U, lay.wv + lay.n);
        proof.eta = t.draw(Label.ETA);
        proof.tau = t.drawPoint(Label.TAU, lay.c);
        proof.lookup.chi = t.draw(Label.CHI);
    }

    /// Steps 3 to 5: the sumchecks S1a, S1b, S2 and the values revealed at their ends.
    function readSumchecks(TrainingProof memory proof) internal pure {
        Transcript memory t = proof.transcript;
        Layout memory lay = proof.lay;
        uint256 L = proof.program.layers;
        (proof.lastA, proof.ra) = Sumcheck.verify(t, Label.S1A_FOLD, Label.S1A_POINT, lay.degreesA, ZERO);
        proof.valuesA = t.readScalars(Label.S1A_VALUES, 2 * (2 * L - 1));
        proof.kappa = t.draw(Label.KAPPA);
        (proof.lastB, proof.rb) = Sumcheck.verify(t, Label.S1B_FOLD, Label.S1B_POINT, lay.degreesB, ZERO);
        proof.valuesB = t.readScalars(Label.S1B_VALUES, 2 * (3 * L - 1));
        (proof.last2, proof.r2) = Sumcheck.verify(t, Label.S2_FOLD, Label.S2_POINT, lay.degrees2, ZERO);
        proof.values2 = t.readScalars(Label.S2_VALUES, lay.columns + lay.helpers + 2);
        if (lay.tableLanes != 0) proof.tableValues = t.readScalars(Label.TABLE_VALUES, lay.tableLanes);
        proof.batch = TrainingRelations.batch(proof, t.draw(Label.XI));
    }

    /// Step 6: S3, from the sum of the batched relations' right-hand sides.
    function readBatch(TrainingProof memory proof, Scalar target) internal pure {
        (proof.last3, proof.r3) = Sumcheck.verify(proof.transcript, Label.S3_FOLD, Label.S3_POINT, proof.lay.degrees3, target);
    }

    /// Steps 7 to 10.
    function readOpening(TrainingProof memory proof) internal view {
        proof.opening = Openings.read(proof.transcript, true, proof.zeta);
    }

    /// V11, with the relations' left-hand sides at r3.
    function check(TrainingProof memory proof, TrainingWeights weights) internal view {
        function(TrainingProof memory, Rows memory) view checkRows = _check;
        function(TrainingProof memory, uint256) view checkAt;
        assembly ("memory-safe") {
            checkAt := checkRows
        }
        checkAt(proof, rows(proof, weights));
    }

    /// Address of the Rows at r3.
    function rows(TrainingProof memory proof, TrainingWeights weights) internal view returns (uint256) {
        Images.call(address(weights), TrainingWeights.rows.selector, _address(proof));
        return Images.take();
    }

    function _address(TrainingProof memory proof) private pure returns (uint256 root) {
        assembly ("memory-safe") {
            root := proof
        }
    }

    /// The left side of the pairing check.
    function combine(TrainingProof memory proof, Rows memory w) internal view returns (Curve.Sum sum) {
        Opening memory o = proof.opening;
        Scalar onRows = o.factor(proof.r3);
        sum = Curve.zero();
        _add(sum, proof.columns, w.columns, onRows);
        _add(sum, proof.helpers, w.helpers, onRows);
        _add(sum, proof.statement.data, w.data, onRows);
        _add(sum, proof.statement.start, w.start, onRows);
        unchecked {
            for (uint256 k = 0; k < w.tables.length; ++k) {
                sum.addStored(proof.tables + 64 * k, onRows * w.tables[k]);
            }
            Scalar c3 = o.c3;
            for (uint256 v = 0; v < w.update.length; ++v) {
                sum.addProduct(proof.update + 64 * v, onRows * w.update[v] + c3);
                c3 = c3 * proof.omega;
            }
        }
        sum.addProduct(proof.mask, w.mask);
        o.addOwn(sum, Scalars.powerOfTwo(proof.lay.n) * proof.last3, proof.degreeValue);
    }

    /// sum += factor * sum_k weights_k (the k-th point from `pos` on); points without weight cost nothing.
    function _add(Curve.Sum sum, uint256 pos, Scalar[] memory weights, Scalar factor) private view {
        unchecked {
            uint256 n = weights.length;
            for (uint256 k = 0; k < n; ++k) {
                Scalar weight = weights.get(k);
                if (!(weight == ZERO)) sum.addProduct(pos + 64 * k, factor * weight);
            }
        }
    }

    function _check(TrainingProof memory proof, Rows memory w) private view {
        proof.opening.check(combine(proof, w), proof.tauH);
    }
}
