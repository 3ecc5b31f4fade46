// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase, Vector} from "./TestBase.sol";
import {Shape} from "../src/interfaces/IVerifyingKeys.sol";
import {VerifyingKeys} from "../src/VerifyingKeys.sol";
import {TrainingVerifier} from "../src/TrainingVerifier.sol";
import {RegistrationVerifier} from "../src/RegistrationVerifier.sol";
import {Keys} from "../src/verifier/Key.sol";
import {
    IllegalProgram,
    KeyNotWritten,
    KeyTooLong,
    NotOnCurve,
    NonCanonicalCoordinate,
    UnknownKey,
    WrongSetup,
    WrongTable
} from "../src/verifier/Errors.sol";

/// Nothing but a checked key can be stored, and nothing but a stored key can be read.
contract KeysTest is TestBase {
    uint256 private constant P = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    function vector() private view returns (Vector memory) {
        return load("reference-lanes", 2);
    }

    function store(Vector memory v) private returns (bytes32) {
        return keys.store(v.program, v.table, v.setup);
    }

    function refuses(Vector memory v, bytes memory reason, string memory why) private {
        try keys.store(v.program, v.table, v.setup) returns (bytes32) {
            revert(string.concat("stored although ", why));
        } catch (bytes memory got) {
            assertEq(got, reason, why);
        }
    }

    function setWord(bytes memory data, uint256 at_, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(add(data, 32), at_), value)
        }
    }

    function word(bytes memory data, uint256 at_) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(data, 32), at_))
        }
    }

    function test_digests_and_id() external {
        Vector memory v = vector();
        bytes32 keyId = store(v);
        bytes memory key = abi.encodePacked("fedproof/key/2", keccak256(v.program), uint8(v.table.length / 64), v.table);
        bytes32 setup = keccak256(abi.encodePacked("fedproof/setup/1", v.setup));
        assertTrue(keys.keyDigest(keyId) == keccak256(key), "key digest");
        assertTrue(keys.setupDigest(keyId) == setup, "setup digest");
        assertTrue(keyId == keccak256(abi.encode(keccak256(key), setup)), "id");
        assertTrue(keys.isStored(keyId), "stored");
        // as the statement names them
        assertEq(uint256(keys.keyDigest(keyId)), word(v.statement, 160), "key of the statement");
        assertEq(uint256(keys.setupDigest(keyId)), word(v.statement, 192), "setup of the statement");
    }

    function test_shape() external {
        string[3] memory files = ["reference-many-vectors", "reference-epochs", "reference-three-weights"];
        for (uint256 k = 0; k < files.length; ++k) {
            Vector memory v = load(files[k], 0);
            Shape memory shape = keys.shape(store(v));
            assertEq(shape.registrationLength, v.proof.length, "bytes of a registration");
            assertEq(8 * 32 + 64 * shape.nD, v.statement.length, "points of the dataset");
            v = load(files[k], 2);
            assertEq(shape.trainingLength, v.proof.length, "bytes of a training");
            assertEq(10 * 32 + 64 * (shape.nW + shape.nD) + shape.nb, v.statement.length, "points of the weights");
            assertEq(shape.blocks, 1 << shape.nb, "blocks");
            assertEq(shape.records, shape.steps * shape.batch, "records");
            uint256 steps = 9 + 4 * (uint256(uint8(v.program[8])) + 1) + uint8(v.program[8]) - 1; // where T is in the program
            assertEq(shape.steps, word(v.program, steps) >> 224, "steps");
            assertEq(shape.batch, word(v.program, steps + 4) >> 224, "batch");
        }
    }

    function test_storing_again_changes_nothing() external {
        bytes32 keyId = store(vector());
        address code = Keys.addressOf(address(keys), keyId);
        bytes32 before = code.codehash;
        assertTrue(store(vector()) == keyId, "the same id");
        assertTrue(code.codehash == before, "the same code");
        assertTrue(code.code[0] == 0, "code that nobody can run");
        assertAccepted(vector());
    }

    function test_illegal_programs() external {
        Vector memory v = vector();
        v.program[6] = 0x09;
        refuses(v, abi.encodeWithSelector(IllegalProgram.selector, bytes32("loss")), "there is no such loss");
        v = vector();
        v.program = bytes.concat(v.program, hex"00");
        refuses(v, abi.encodeWithSelector(IllegalProgram.selector, bytes32("length")), "the program has one byte more");
        v.program = "";
        refuses(v, abi.encodeWithSelector(IllegalProgram.selector, bytes32("version")), "there is no program");
    }

    function test_wrong_tables() external {
        Vector memory v = vector();
        bytes memory table = v.table;
        v.table = "";
        refuses(v, abi.encodeWithSelector(WrongTable.selector), "there is no table");
        v.table = bytes.concat(table, hex"00");
        refuses(v, abi.encodeWithSelector(WrongTable.selector), "the tables have one byte more");
        v.table = bytes.concat(table, new bytes(64));
        refuses(v, abi.encodeWithSelector(WrongTable.selector), "there is one table more");
        v.table = bytes.concat(table, new bytes(64 * 256));
        refuses(v, abi.encodeWithSelector(WrongTable.selector), "there are 256 tables more");
        v.table = bytes.concat(table);
        setWord(v.table, 64, word(table, 64) ^ 1);
        refuses(v, abi.encodeWithSelector(NotOnCurve.selector, 64), "a table is off the curve");
        setWord(v.table, 64, P);
        refuses(v, abi.encodeWithSelector(NonCanonicalCoordinate.selector, 64), "a coordinate is not reduced");
    }

    function wrongSetup(Vector memory v, bytes memory setup, string memory why) private {
        v.setup = setup;
        refuses(v, abi.encodeWithSelector(WrongSetup.selector), why);
    }

    function test_wrong_setups() external {
        Vector memory v = vector();
        bytes memory good = v.setup;
        wrongSetup(v, "", "there is no setup");
        wrongSetup(v, bytes.concat(good, hex"00"), "the setup has one byte more");
        wrongSetup(v, new bytes(192), "both points are the identity");
        bytes memory bad = bytes.concat(good);
        setWord(bad, 0, 1);
        setWord(bad, 32, 2);
        wrongSetup(v, bad, "tau G1 and tau H are of two setups");
        bad = bytes.concat(good);
        setWord(bad, 0, 0);
        setWord(bad, 32, 0);
        wrongSetup(v, bad, "tau G1 is the identity");
        bad = bytes.concat(good);
        for (uint256 k = 64; k < 192; k += 32) {
            setWord(bad, k, 0);
        }
        wrongSetup(v, bad, "tau H is the identity");
        bad = bytes.concat(good);
        setWord(bad, 32, P - word(good, 32));
        wrongSetup(v, bad, "tau G1 is the negative");
    }

    /// Points that the pairing refuses; a call of its own, since a refusal takes all gas that it is given.
    function test_setups_off_the_curve() external {
        Vector memory v = vector();
        for (uint256 k = 0; k < 192; k += 32) {
            bytes memory bad = bytes.concat(v.setup);
            setWord(bad, k, word(bad, k) ^ 1);
            try keys.store{gas: 5_000_000}(v.program, v.table, bad) returns (bytes32) {
                revert("stored although the setup is off the curve");
            } catch (bytes memory got) {
                assertEq(got, abi.encodeWithSelector(WrongSetup.selector), "off the curve");
            }
        }
        // on the twisted curve, but not in the group: x = 1
        bytes memory outside = bytes.concat(v.setup);
        setWord(outside, 64, 0);
        setWord(outside, 96, 1);
        setWord(outside, 128, 0x0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4);
        setWord(outside, 160, 0x2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb);
        try keys.store{gas: 5_000_000}(v.program, v.table, outside) returns (bytes32) {
            revert("stored although tau H is outside the group");
        } catch (bytes memory got) {
            assertEq(got, abi.encodeWithSelector(WrongSetup.selector), "outside the group");
        }
    }

    function test_unknown_keys() external {
        Vector memory v = vector();
        bytes memory unknown = abi.encodeWithSelector(UnknownKey.selector, bytes32(uint256(1)));
        assertEq(verdict(v, bytes32(uint256(1))), unknown, "training");
        assertEq(verdict(load("reference-lanes", 0), bytes32(uint256(1))), unknown, "registration");
        assertEq(verdict(load("reference-close-relu", 0), bytes32(uint256(1))), unknown, "close");
        assertTrue(!keys.isStored(bytes32(uint256(1))), "not stored");
        bytes4[3] memory views = [keys.keyDigest.selector, keys.setupDigest.selector, keys.shape.selector];
        for (uint256 k = 0; k < 3; ++k) {
            (bool ok, bytes memory got) = address(keys).staticcall(abi.encodeWithSelector(views[k], uint256(1)));
            assertTrue(!ok, "a view of an unknown key");
            assertEq(got, unknown, "view");
        }
    }

    /// A key is read from the verifier's own store, whoever else keeps one under the same id.
    function test_keys_of_another_store() external {
        Vector memory v = vector();
        VerifyingKeys other = new VerifyingKeys(reader);
        bytes32 keyId = other.store(v.program, v.table, v.setup);
        bytes memory unknown = abi.encodeWithSelector(UnknownKey.selector, keyId);
        assertEq(verdict(v, keyId), unknown, "training");
        assertEq(verdict(load("reference-lanes", 0), keyId), unknown, "registration");
        TrainingVerifier its = new TrainingVerifier(other, weights);
        its.verifyTraining(keyId, v.statement, v.proof);
        v = load("reference-lanes", 0);
        new RegistrationVerifier(other).verifyRegistration(keyId, v.statement, v.proof);
    }

    /// The contract that creates a key's contract obeys anybody; what it creates later lies elsewhere.
    function test_creator_cannot_replace_a_key() external {
        bytes memory creatorCode = hex"67363d3d37363d34f03d5260086018f3";
        bytes32 keyId = store(vector());
        bytes32 input = keccak256(abi.encodePacked(hex"ff", address(keys), keyId, keccak256(creatorCode)));
        address creator = address(uint160(uint256(input)));
        assertTrue(creator.code.length != 0, "the creator exists");
        address code = Keys.addressOf(address(keys), keyId);
        bytes32 before = code.codehash;
        (bool ok,) = creator.call(hex"600160005360016000f3");
        address second = address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", creator, hex"02")))));
        assertTrue(ok && second.code.length == 1, "it creates another contract");
        assertTrue(code.codehash == before, "the key is as it was");
        assertAccepted(vector());
    }

    /// With too little gas nothing is stored, whatever part of the work it was enough for.
    function test_out_of_gas() external {
        Vector memory v = load("reference-logistic", 2);
        bytes32 keyId = keccak256(abi.encode(word(v.statement, 160), word(v.statement, 192)));
        bool unwritten;
        uint256 gas = 200_000;
        for (;; gas += 5_000) {
            try keys.store{gas: gas}(v.program, v.table, v.setup) returns (bytes32 got) {
                assertTrue(got == keyId, "id");
                break;
            } catch (bytes memory reason) {
                if (reason.length == 4 && bytes4(reason) == KeyNotWritten.selector) unwritten = true;
                assertTrue(!keys.isStored(keyId), "stored in part");
            }
        }
        assertTrue(unwritten, "a contract that could not be created");
        assertAccepted(v);
    }

    function test_key_too_long() external {
        Vector memory v = load("reference-multi-label", 2);
        // two features, 400 labels, two weights each
        v.program = bytes.concat(
            hex"465052470002010001000000020000019000000002000000020000000208081804071c01030c0000000001",
            new bytes(1600),
            hex"000000000000000001"
        );
        setWord(v.table, 0, 1);
        setWord(v.table, 32, 2);
        assembly ("memory-safe") {
            mstore(mload(add(v, 128)), 64)
        }
        try keys.store(v.program, v.table, v.setup) returns (bytes32) {
            revert("stored although too long");
        } catch (bytes memory reason) {
            assertEq(abi.encodePacked(bytes4(reason)), abi.encodePacked(KeyTooLong.selector), "too long");
        }
    }
}
