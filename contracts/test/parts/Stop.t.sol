// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase, Vector} from "../TestBase.sol";
import {Shape} from "../../src/interfaces/IVerifyingKeys.sol";
import {TRAINING, REGISTRATION, CLOSE} from "../../src/verifier/Files.sol";
import {OpeningFailed} from "../../src/verifier/Errors.sol";
import {NotReserved} from "../../src/protocol/Reserved.sol";
import {VerifierRouter, VersionUnusable, AlreadyStopped} from "../../src/VerifierRouter.sol";
import {Cheats} from "./PartBase.sol";

/// Real proofs of false statements, forged with the development setup's tau (crates/proof/tests/forgery.rs), stop the real verifiers, and
/// nothing else does.
contract StopTest is TestBase {
    Cheats private constant cheats = Cheats(address(vm));
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant KINDS = 3;
    string[2] private files = ["stop-one-vector", "stop-many-vectors"];

    function made() private returns (VerifierRouter) {
        return new VerifierRouter(keys, trainings, registrations, closes, address(0), 0);
    }

    function stop(VerifierRouter router, Vector memory v) private {
        router.stop(1, uint8(v.kind), stored(v), v.statement, v.proof);
    }

    function stored(Vector memory v) private returns (bytes32) {
        return keys.store(v.program, v.table, v.setup);
    }

    /// The next call reverts with NotReserved for this field.
    function expectField(bytes32 field) private {
        cheats.expectRevert(abi.encodeWithSelector(NotReserved.selector, field));
    }

    function test_forged_proofs_stop() external {
        for (uint256 f = 0; f < files.length; ++f) {
            for (uint256 i = 0; i < KINDS; ++i) {
                Vector memory v = load(files[f], i);
                bytes32 keyId = stored(v);
                VerifierRouter router = made();
                assertAccepted(v); // that is what is wrong with this setup
                assertTrue(router.usable(1, keyId), "before");
                stop(router, v);
                assertTrue(!router.usable(1, keyId), "after");
                assertTrue(router.stopped(1, keys.setupDigest(keyId)), "for the setup");
                cheats.expectRevert(abi.encodeWithSelector(VersionUnusable.selector, 1, keyId));
                router.verifyRegistration(1, keyId, v.statement, v.proof);
                cheats.expectRevert(abi.encodeWithSelector(VersionUnusable.selector, 1, keyId));
                router.verifyTraining(1, keyId, v.statement, v.proof);
                cheats.expectRevert(abi.encodeWithSelector(VersionUnusable.selector, 1, keyId));
                router.verifyClose(1, keyId, v.statement, v.proof);
                cheats.expectRevert(abi.encodeWithSelector(AlreadyStopped.selector, 1, keys.setupDigest(keyId)));
                router.stop(1, uint8(v.kind), keyId, v.statement, v.proof);
            }
        }
    }

    /// The honest proofs of all golden vectors of the core, and those that are not accepted.
    function test_other_proofs_do_not() external {
        string[5] memory golden = ["core-relu", "core-logistic", "core-softmax", "core-close-logistic", "core-close-several"];
        VerifierRouter router = made();
        for (uint256 f = 0; f < golden.length; ++f) {
            for (uint256 i = 0; i < count(golden[f]); ++i) {
                Vector memory v = load(golden[f], i);
                bytes32 keyId = stored(v);
                expectField(v.kind == CLOSE ? bytes32("sum") : bytes32("dataset"));
                router.stop(1, uint8(v.kind), keyId, v.statement, v.proof);
                assertTrue(router.usable(1, keyId), v.name);
            }
        }
    }

    /// A reserved statement without a proof of it: the verifiers' own error.
    function test_reserved_statements_without_a_proof() external {
        VerifierRouter router = made();
        for (uint256 i = 0; i < KINDS; ++i) {
            Vector memory v = load(files[0], i);
            bytes32 keyId = stored(v);
            uint8 kind = uint8(v.kind);
            v.proof[v.proof.length / 2] ^= 0x01;
            cheats.expectRevert();
            router.stop(1, kind, keyId, v.statement, v.proof);
            v = load(files[0], i);
            v.statement[31] ^= 0x01; // of another chain: still false, but not what was proven
            cheats.expectRevert(abi.encodeWithSelector(OpeningFailed.selector));
            router.stop(1, kind, keyId, v.statement, v.proof);
            assertTrue(router.usable(1, keyId), "goes on");
        }
    }

    function setWord(bytes memory data, uint256 pos, uint256 value) private pure returns (bytes memory) {
        bytes memory copy = bytes.concat(data);
        assembly ("memory-safe") {
            mstore(add(add(copy, 32), pos), value)
        }
        return copy;
    }

    /// Every field that makes the statement false: with any other value the router does not even look at the proof.
    function test_every_field() external {
        VerifierRouter router = made();
        for (uint256 f = 0; f < files.length; ++f) {
            for (uint256 i = 0; i < KINDS; ++i) {
                fields(router, load(files[f], i));
            }
        }
    }

    function fields(VerifierRouter router, Vector memory v) private {
        bytes32 keyId = stored(v);
        Shape memory shape = keys.shape(keyId);
        uint256 most = shape.records;
        if (v.kind == REGISTRATION) {
            words(router, v, 7, 2 * shape.nD, "dataset");
            most = shape.blocks * shape.batch;
        } else if (v.kind == TRAINING) {
            words(router, v, 8 + 2 * shape.nW, 2 * shape.nD, "dataset");
        } else {
            words(router, v, 7, 2 * shape.nW, "sum");
            words(router, v, 7 + 2 * shape.nW, 2 * shape.nW, "next");
            most = (1 << 16) - 1;
        }
        counts(router, v, most);
        uint256 key = v.kind == REGISTRATION ? 4 : 5;
        words(router, v, key, 1, "key");
        words(router, v, key + 1, 1, "setup");
        bytes memory statement = v.statement;
        v.statement = bytes.concat(statement, hex"00");
        refused(router, v, "length");
        v.statement = "";
        refused(router, v, "length");
        assertTrue(router.usable(1, keyId), "goes on");
    }

    /// Each of n words from `first` on, changed.
    function words(VerifierRouter router, Vector memory v, uint256 first, uint256 n, bytes32 field) private {
        bytes memory statement = v.statement;
        for (uint256 i = first; i < first + n; ++i) {
            v.statement = setWord(statement, 32 * i, 7);
            refused(router, v, field);
        }
        v.statement = statement;
    }

    function counts(VerifierRouter router, Vector memory v, uint256 most) private {
        bytes memory statement = v.statement;
        uint256[5] memory wrong = [uint256(0), most + 1, R, R + 1, type(uint256).max];
        for (uint256 k = 0; k < wrong.length; ++k) {
            v.statement = setWord(statement, statement.length - 32, wrong[k]);
            refused(router, v, "count");
        }
        v.statement = statement;
    }

    function refused(VerifierRouter router, Vector memory v, bytes32 field) private {
        bytes32 keyId = stored(v);
        expectField(field);
        router.stop(1, uint8(v.kind), keyId, v.statement, v.proof);
    }

    /// The same program under a setup that somebody made for himself: he stops what he broke, and nothing else.
    function test_a_setup_of_ones_own() external {
        Vector memory v = load(files[0], 1);
        bytes32 keyId = stored(v);
        VerifierRouter router = made();
        stop(router, v);
        // tau = 1: tau G1 = G1, tau H = H
        bytes memory h = abi.encodePacked(
            uint256(0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2),
            uint256(0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed),
            uint256(0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b),
            uint256(0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
        );
        bytes32 other = keys.store(v.program, v.table, abi.encodePacked(uint256(1), uint256(2), h));
        assertTrue(router.usable(1, other), "another setup");
        assertTrue(!router.usable(1, keyId), "the stopped one");
        expectField("setup");
        router.stop(1, uint8(TRAINING), other, v.statement, v.proof);
    }
}
