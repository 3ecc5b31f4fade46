// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase, Vector} from "./TestBase.sol";
import {VerifyingKeys} from "../src/VerifyingKeys.sol";
import {TrainingWeights} from "../src/TrainingWeights.sol";
import {TrainingVerifier} from "../src/TrainingVerifier.sol";
import {TRAINING, REGISTRATION, CLOSE} from "../src/verifier/Files.sol";
import {Images} from "../src/verifier/Image.sol";
import {
    WrongMagic,
    UnsupportedVersion,
    WrongKind,
    WrongLength,
    WrongStatement,
    WrongSetup,
    NonCanonicalScalar,
    NonCanonicalCoordinate,
    NotOnCurve,
    OpeningFailed,
    WrongTable,
    IllegalProgram
} from "../src/verifier/Errors.sol";

/// Every check rejects what it is there for, with its error.
contract TamperingTest is TestBase {
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant P = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    uint256 private constant HEADER = 11;

    // the logistic program: nW = nD = 1, nb = 1
    uint256 private constant TRAINING_W0 = 7 * 32;
    uint256 private constant TRAINING_D = TRAINING_W0 + 96;
    uint256 private constant TRAINING_PI = TRAINING_D + 64;
    uint256 private constant CLOSE_NEXT = TRAINING_W0 + 64; // behind [S]
    uint256 private constant CLOSE_COUNT = CLOSE_NEXT + 64;

    function training() private returns (Vector memory v) {
        v = load("reference-logistic", 2);
        assertAccepted(v);
    }

    function registration() private returns (Vector memory v) {
        v = load("reference-logistic", 0);
        assertAccepted(v);
    }

    function close() private returns (Vector memory v) {
        v = load("reference-close-logistic", 0);
        assertAccepted(v);
    }

    function word(bytes memory data, uint256 at_) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(data, 32), at_))
        }
    }

    function setWord(bytes memory data, uint256 at_, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(add(data, 32), at_), value)
        }
    }

    function isPoint(bytes memory data, uint256 at_) private pure returns (bool) {
        if (at_ + 64 > data.length) return false;
        uint256 x = word(data, at_);
        uint256 y = word(data, at_ + 32);
        return x < P && y < P && mulmod(y, y, P) == addmod(mulmod(mulmod(x, x, P), x, P), 3, P);
    }

    /// Each word of the body plus one: a coordinate leaves the curve, a scalar makes the opening fail.
    function everyWord(Vector memory v) private {
        for (uint256 at_ = HEADER; at_ < v.proof.length; at_ += 32) {
            uint256 value = word(v.proof, at_);
            bool y = at_ >= HEADER + 32 && isPoint(v.proof, at_ - 32);
            bool coordinate = y || isPoint(v.proof, at_);
            setWord(v.proof, at_, value + 1);
            bytes4 expected = coordinate ? NotOnCurve.selector : OpeningFailed.selector;
            assertRejected(v, expected, string.concat("byte ", vm.toString(at_), " changed"));
            // a point replaced by another one on the curve, or a scalar or coordinate too large
            if (coordinate && !y) {
                uint256 before = word(v.proof, at_ + 32);
                setWord(v.proof, at_, 1);
                setWord(v.proof, at_ + 32, 2);
                assertRejected(v, OpeningFailed.selector, string.concat("point at ", vm.toString(at_), " replaced"));
                setWord(v.proof, at_, 0);
                setWord(v.proof, at_ + 32, 0);
                assertRejected(v, OpeningFailed.selector, string.concat("point at ", vm.toString(at_), " zero"));
                setWord(v.proof, at_ + 32, before);
            }
            setWord(v.proof, at_, coordinate ? P : R);
            expected = coordinate ? NonCanonicalCoordinate.selector : NonCanonicalScalar.selector;
            assertRejected(v, expected, string.concat("byte ", vm.toString(at_), " not canonical"));
            // the same element written another way
            if (value < type(uint256).max - P) {
                setWord(v.proof, at_, value + (coordinate ? P : R));
                assertRejected(v, expected, string.concat("byte ", vm.toString(at_), " not reduced"));
            }
            setWord(v.proof, at_, type(uint256).max);
            assertRejected(v, expected, string.concat("byte ", vm.toString(at_), " largest"));
            setWord(v.proof, at_, value);
        }
        assertAccepted(v);
    }

    function test_every_word_of_a_training_proof() external {
        everyWord(training());
    }

    function test_every_word_of_a_registration_proof() external {
        everyWord(registration());
    }

    function test_every_word_of_a_close() external {
        everyWord(close());
    }

    /// Four vectors a column, a helper without limbs.
    function test_every_word_of_a_close_with_vectors() external {
        everyWord(load("reference-close-lane-alone", 0));
    }

    /// Several vectors a column, three regions of the output layer, tables of a and s.
    function test_every_word_with_softmax() external {
        everyWord(load("reference-softmax-gelu", 2));
    }

    function test_every_word_with_huber_and_momentum() external {
        everyWord(load("reference-huber-momentum", 2));
    }

    function header(Vector memory v) private {
        bytes memory good = v.proof;
        for (uint256 i = 0; i < HEADER; ++i) {
            v.proof = bytes.concat(good);
            v.proof[i] = bytes1(uint8(v.proof[i]) ^ 0x40);
            bytes4 expected = i < 8 ? WrongMagic.selector : i < 10 ? UnsupportedVersion.selector : WrongKind.selector;
            assertRejected(v, expected, string.concat("header byte ", vm.toString(i)));
        }
        v.proof = bytes.concat(good);
        for (uint256 kind = TRAINING; kind <= CLOSE; ++kind) {
            v.proof[10] = bytes1(uint8(kind));
            if (kind != v.kind) assertRejected(v, WrongKind.selector, "another kind");
        }
        v.proof = bytes.concat(good, hex"00");
        assertRejected(v, WrongLength.selector, "one byte more");
        v.proof = bytes.concat(good, new bytes(32));
        assertRejected(v, WrongLength.selector, "one word more");
        v.proof = bytes.concat(good);
        bytes memory cut = v.proof;
        assembly ("memory-safe") {
            mstore(cut, sub(mload(cut), 1))
        }
        assertRejected(v, WrongLength.selector, "one byte less");
        assembly ("memory-safe") {
            mstore(cut, 11)
        }
        assertRejected(v, WrongLength.selector, "no body");
        assembly ("memory-safe") {
            mstore(cut, 10)
        }
        assertRejected(v, WrongMagic.selector, "no whole header");
        v.proof = "";
        assertRejected(v, WrongMagic.selector, "no file");
    }

    function test_header_and_length() external {
        header(training());
        header(registration());
        header(close());
    }

    /// Proofs of each kind asked for as another one, as they are and with that kind's number in the header.
    function test_kinds() external {
        for (uint256 kind = TRAINING; kind <= CLOSE; ++kind) {
            Vector memory v = kind == TRAINING ? training() : kind == REGISTRATION ? registration() : close();
            for (uint256 asked = TRAINING; asked <= CLOSE; ++asked) {
                if (asked == kind) continue;
                v.kind = asked;
                v.proof[10] = bytes1(uint8(kind));
                assertRejected(v, WrongKind.selector, "of another kind");
                v.proof[10] = bytes1(uint8(asked));
                assertRejected(v, WrongLength.selector, "of another kind under its number");
            }
        }
    }

    /// Words of the statement that only the transcript knows: chain, hub, submitter, task, round, dataset id.
    function test_free_words_of_the_statement() external {
        Vector memory v = training();
        uint256[6] memory places = [uint256(0), 32, 64, 96, 128, TRAINING_W0 + 64];
        for (uint256 i = 0; i < places.length; ++i) {
            setWord(v.statement, places[i], word(v.statement, places[i]) ^ 1);
            assertRejected(v, OpeningFailed.selector, string.concat("statement byte ", vm.toString(places[i])));
            setWord(v.statement, places[i], word(v.statement, places[i]) ^ 1);
        }
        v = registration();
        uint256[5] memory free = [uint256(0), 32, 64, 96, 192];
        for (uint256 i = 0; i < free.length; ++i) {
            setWord(v.statement, free[i], word(v.statement, free[i]) ^ 1);
            assertRejected(v, OpeningFailed.selector, string.concat("statement byte ", vm.toString(free[i])));
            setWord(v.statement, free[i], word(v.statement, free[i]) ^ 1);
        }
        v = close();
        for (uint256 at_ = 0; at_ < 5 * 32; at_ += 32) {
            setWord(v.statement, at_, word(v.statement, at_) ^ 1);
            assertRejected(v, OpeningFailed.selector, string.concat("statement byte ", vm.toString(at_)));
            setWord(v.statement, at_, word(v.statement, at_) ^ 1);
        }
    }

    function points(Vector memory v, uint256 at_) private {
        uint256 x = word(v.statement, at_);
        uint256 y = word(v.statement, at_ + 32);
        setWord(v.statement, at_, x + 1);
        assertRejected(v, NotOnCurve.selector, "a statement point off the curve");
        setWord(v.statement, at_, P);
        assertRejected(v, NonCanonicalCoordinate.selector, "x of a statement point");
        setWord(v.statement, at_, x);
        setWord(v.statement, at_ + 32, y + P);
        assertRejected(v, NonCanonicalCoordinate.selector, "y of a statement point");
        setWord(v.statement, at_, 1);
        setWord(v.statement, at_ + 32, 2);
        assertRejected(v, OpeningFailed.selector, "another statement point");
        setWord(v.statement, at_, 0);
        setWord(v.statement, at_ + 32, 0);
        assertRejected(v, OpeningFailed.selector, "the identity as statement point");
    }

    function test_points_of_the_statement() external {
        points(training(), TRAINING_W0);
        points(training(), TRAINING_D);
        points(registration(), TRAINING_W0);
        points(close(), TRAINING_W0);
        points(close(), CLOSE_NEXT);
        // four vectors of [S], four of [W'], of which the last holds no layer and is the identity
        for (uint256 k = 0; k < 7; ++k) {
            points(load("reference-close-lane-alone", 0), TRAINING_W0 + 64 * k);
        }
    }

    function test_count_of_a_close() external {
        Vector memory v = close(); // of one update
        setWord(v.statement, CLOSE_COUNT, 0);
        assertRejected(v, WrongStatement.selector, "nothing was added up");
        setWord(v.statement, CLOSE_COUNT, 1 << 16);
        assertRejected(v, WrongStatement.selector, "count is 2^16");
        setWord(v.statement, CLOSE_COUNT, R + 1);
        assertRejected(v, WrongStatement.selector, "count above r");
        setWord(v.statement, CLOSE_COUNT, 2);
        assertRejected(v, OpeningFailed.selector, "another count");
        setWord(v.statement, CLOSE_COUNT, (1 << 16) - 1);
        assertRejected(v, OpeningFailed.selector, "the largest count");
    }

    /// What verifyClose returns: the points of [W'].
    function test_next_commitment() external {
        Vector memory v = load("reference-close-three-weights", 0);
        bytes memory next = closes.verifyClose(keys.store(v.program, v.table, v.setup), v.statement, v.proof);
        assertEq(next.length, 3 * 64, "three vectors");
        for (uint256 at_ = 0; at_ < next.length; at_ += 32) {
            assertEq(word(next, at_), word(v.statement, 7 * 32 + 3 * 64 + at_), "a coordinate");
        }
    }

    /// A legal program whose vectors of 2^7 cells are too short for the mask vector of a close.
    function test_no_room_for_a_close() external {
        Vector memory v = close();
        v.program = hex"4650524700020100010000000200000001000000020000000100000001040404010105010c070000000000000000000000000001";
        reader.read(v.program, Images.BASE);
        assertRejected(v, IllegalProgram.selector, "there is no room");
        v.kind = TRAINING;
        assertRejected(v, WrongKind.selector, "it is a close");
    }

    function test_schedule_and_count() external {
        Vector memory v = training(); // nblocks 2, T B = 4
        v.statement[TRAINING_PI] = 0x01;
        assertRejected(v, WrongStatement.selector, "pi is no permutation");
        v.statement[TRAINING_PI] = 0xff;
        assertRejected(v, WrongStatement.selector, "pi is out of range");
        v.statement[TRAINING_PI] = 0x00;
        uint256 beta = word(v.statement, TRAINING_PI + 1);
        setWord(v.statement, TRAINING_PI + 1, 2);
        assertRejected(v, WrongStatement.selector, "beta = nblocks");
        setWord(v.statement, TRAINING_PI + 1, type(uint256).max);
        assertRejected(v, WrongStatement.selector, "beta is huge");
        setWord(v.statement, TRAINING_PI + 1, beta ^ 1);
        assertRejected(v, OpeningFailed.selector, "another beta");
        setWord(v.statement, TRAINING_PI + 1, beta);
        uint256 count_ = word(v.statement, TRAINING_PI + 33);
        setWord(v.statement, TRAINING_PI + 33, 5);
        assertRejected(v, WrongStatement.selector, "count above T B");
        setWord(v.statement, TRAINING_PI + 33, count_ == 0 ? 1 : count_ - 1);
        assertRejected(v, OpeningFailed.selector, "another count");

        v = load("reference-squared", 2); // nb = 2
        assertAccepted(v);
        (v.statement[TRAINING_PI], v.statement[TRAINING_PI + 1]) = (v.statement[TRAINING_PI + 1], v.statement[TRAINING_PI]);
        assertRejected(v, OpeningFailed.selector, "another permutation");
        v.statement[TRAINING_PI] = v.statement[TRAINING_PI + 1];
        assertRejected(v, WrongStatement.selector, "a block bit twice");

        v = registration(); // nblocks B = 4
        setWord(v.statement, TRAINING_W0 + 64, 5);
        assertRejected(v, WrongStatement.selector, "count above nblocks B");
        setWord(v.statement, TRAINING_W0 + 64, R + 1);
        assertRejected(v, WrongStatement.selector, "count above r");
        setWord(v.statement, TRAINING_W0 + 64, 0);
        assertRejected(v, OpeningFailed.selector, "another count");
    }

    function digests(Vector memory v, uint256 key) private {
        setWord(v.statement, key, word(v.statement, key) ^ 1);
        assertRejected(v, WrongStatement.selector, "another key");
        setWord(v.statement, key, word(v.statement, key) ^ 1);
        setWord(v.statement, key + 32, word(v.statement, key + 32) ^ 1);
        assertRejected(v, WrongSetup.selector, "another setup");
        setWord(v.statement, key + 32, word(v.statement, key + 32) ^ 1);
        bytes memory statement = v.statement;
        v.statement = bytes.concat(statement, hex"00");
        assertRejected(v, WrongStatement.selector, "a longer statement");
        v.statement = "";
        assertRejected(v, WrongStatement.selector, "no statement");
        v.statement = statement;
        assertAccepted(v);
    }

    function test_digests_and_length_of_the_statement() external {
        digests(training(), 160);
        digests(registration(), 128);
        digests(close(), 160);
    }

    function test_setup() external {
        Vector memory v = training();
        bytes memory good = v.setup;
        v.setup = bytes.concat(good, hex"00");
        assertRejected(v, WrongSetup.selector, "a longer setup");
        v.setup = bytes.concat(good);
        v.setup[0] ^= 0x01;
        assertRejected(v, WrongSetup.selector, "another tau G1");
        v.setup = bytes.concat(good);
        v.setup[191] ^= 0x01;
        assertRejected(v, WrongSetup.selector, "another tau H");
        // even where the statement names a setup whose tau H is the identity
        for (uint256 at_ = 64; at_ < 192; at_ += 32) {
            setWord(v.setup, at_, 0);
        }
        setWord(v.statement, 192, uint256(keccak256(abi.encodePacked("fedproof/setup/1", v.setup))));
        assertRejected(v, WrongSetup.selector, "tau H is the identity");
    }

    /// The statement follows the key, so that only the relations can reject it.
    function rekey(Vector memory v) private pure {
        bytes memory key = abi.encodePacked("fedproof/key/2", keccak256(v.program), uint8(v.table.length / 64), v.table);
        setWord(v.statement, v.kind == REGISTRATION ? 128 : 160, uint256(keccak256(key)));
    }

    function test_key() external {
        Vector memory v = training();
        bytes memory table = v.table;
        v.table = "";
        assertRejected(v, WrongTable.selector, "no table");
        v.table = bytes.concat(table, table);
        assertRejected(v, WrongTable.selector, "two tables");
        v.table = bytes.concat(table);
        setWord(v.table, 0, word(table, 0) + 1);
        assertRejected(v, NotOnCurve.selector, "table off the curve");
        setWord(v.table, 0, P);
        assertRejected(v, NonCanonicalCoordinate.selector, "table not canonical");
        setWord(v.table, 0, 1);
        setWord(v.table, 32, 2);
        assertRejected(v, WrongStatement.selector, "another table");
        rekey(v);
        assertRejected(v, OpeningFailed.selector, "another table in the statement too");
        v = load("reference-squared", 2);
        v.table = table;
        assertRejected(v, WrongTable.selector, "a table that the program has no use for");
    }

    /// Points i and k of the key exchanged.
    function exchanged(Vector memory v, uint256 i, uint256 k) private {
        bytes memory table = v.table;
        v.table = bytes.concat(table);
        for (uint256 at_ = 0; at_ < 64; at_ += 32) {
            setWord(v.table, 64 * i + at_, word(table, 64 * k + at_));
            setWord(v.table, 64 * k + at_, word(table, 64 * i + at_));
        }
        rekey(v);
        assertRejected(v, OpeningFailed.selector, "tables exchanged");
        v.table = table;
        rekey(v);
        assertAccepted(v);
    }

    /// Tables of another lane, and derivatives for activations.
    function test_exchanged_tables() external {
        Vector memory v = load("reference-lanes", 2);
        assertEq(v.table.length, 3 * 64, "tables in two lanes");
        exchanged(v, 0, 1);
        exchanged(v, 1, 2);
        exchanged(v, 0, 2);
        exchanged(load("reference-softmax-gelu", 2), 0, 1);
        exchanged(load("reference-huber-momentum", 2), 0, 1);
    }

    /// A byte of the program other than the prover's.
    function otherProgram(Vector memory v, uint256 at_) private {
        v.program[at_] ^= 0x01;
        reader.read(v.program, Images.BASE);
        assertRejected(v, WrongStatement.selector, "another program");
        bytes memory statement = v.statement;
        v.statement = bytes.concat(statement);
        rekey(v);
        assertRejected(v, OpeningFailed.selector, string.concat("program byte ", vm.toString(at_)));
        v.statement = statement;
        v.program[at_] ^= 0x01;
    }

    function test_other_kernels_and_weights() external {
        Vector memory v = load("reference-huber-momentum", 2); // five steps: kappa from byte 50 on, c from byte 90 on
        for (uint256 at_ = 57; at_ < 130; at_ += 8) {
            otherProgram(v, at_);
        }
        otherProgram(v, 46); // threshold
        v = load("reference-weighted-softmax", 2); // three class weights from byte 43 on
        for (uint256 at_ = 44; at_ < 49; at_ += 2) {
            otherProgram(v, at_);
        }
        v = load("reference-multi-label", 2); // three pairs of label weights from byte 48 on
        for (uint256 at_ = 49; at_ < 60; at_ += 2) {
            otherProgram(v, at_);
        }
    }

    function test_missing_parts() external {
        Vector memory v = training();
        bytes32 keyId = keys.store(v.program, v.table, v.setup);
        TrainingVerifier alone = new TrainingVerifier(keys, TrainingWeights(address(this)));
        assertTrue(!accepts(alone, keyId, v), "weights that nobody computed");
        alone = new TrainingVerifier(VerifyingKeys(address(0)), weights);
        assertTrue(!accepts(alone, keyId, v), "a key that nobody stored");
        assertTrue(accepts(new TrainingVerifier(keys, weights), keyId, v), "all parts");
    }

    function accepts(TrainingVerifier verifier, bytes32 keyId, Vector memory v) private view returns (bool) {
        try verifier.verifyTraining(keyId, v.statement, v.proof) returns (bytes memory) {
            return true;
        } catch {
            return false;
        }
    }
}
