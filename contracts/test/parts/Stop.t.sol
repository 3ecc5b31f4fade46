// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase, Vector} from "../TestBase.sol";
import {ICloseVerifier} from "../../src/interfaces/ICloseVerifier.sol";
import {OpeningFailed} from "../../src/verifier/Errors.sol";
import {NotReserved} from "../../src/protocol/Reserved.sol";
import {VerifierRouter, VersionUnusable, AlreadyStopped} from "../../src/VerifierRouter.sol";
import {Credulous} from "./VerifierRouter.t.sol";
import {Cheats} from "./PartBase.sol";

/// Real proofs of false statements, forged with the development setup's tau (crates/proof/tests/forgery.rs), stop the real verifiers, and
/// nothing else does.
contract StopTest is TestBase {
    Cheats private constant cheats = Cheats(address(vm));
    uint8 private constant TRAINING = 1;
    uint8 private constant REGISTRATION = 2;
    string[2] private files = ["stop-one-vector", "stop-many-vectors"];

    function made() private returns (VerifierRouter) {
        ICloseVerifier close = new Credulous();
        return new VerifierRouter(keys, trainings, registrations, close, address(0), 0);
    }

    function stop(VerifierRouter router, Vector memory v) private {
        router.stop(1, v.training ? TRAINING : REGISTRATION, stored(v), v.statement, v.proof);
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
            for (uint256 i = 0; i < 2; ++i) {
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
                cheats.expectRevert(abi.encodeWithSelector(AlreadyStopped.selector, 1, keys.setupDigest(keyId)));
                router.stop(1, v.training ? TRAINING : REGISTRATION, keyId, v.statement, v.proof);
            }
        }
    }

    /// The honest proofs of all golden vectors of the core, and those that are not accepted.
    function test_other_proofs_do_not() external {
        string[3] memory golden = ["core-relu", "core-logistic", "core-softmax"];
        VerifierRouter router = made();
        for (uint256 f = 0; f < golden.length; ++f) {
            for (uint256 i = 0; i < 3; ++i) {
                Vector memory v = load(golden[f], i);
                bytes32 keyId = stored(v);
                expectField("dataset");
                router.stop(1, v.training ? TRAINING : REGISTRATION, keyId, v.statement, v.proof);
                assertTrue(router.usable(1, keyId), v.name);
            }
        }
    }

    /// A reserved statement without a proof of it: the verifiers' own error.
    function test_reserved_statements_without_a_proof() external {
        VerifierRouter router = made();
        for (uint256 i = 0; i < 2; ++i) {
            Vector memory v = load(files[0], i);
            bytes32 keyId = stored(v);
            uint8 kind = v.training ? TRAINING : REGISTRATION;
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
            for (uint256 i = 0; i < 2; ++i) {
                fields(router, load(files[f], i));
            }
        }
    }

    function fields(VerifierRouter router, Vector memory v) private {
        bytes32 keyId = stored(v);
        uint8 kind = v.training ? TRAINING : REGISTRATION;
        uint256 nD = keys.shape(keyId).nD;
        uint256 data = v.training ? 8 * 32 + 64 * keys.shape(keyId).nW : 7 * 32;
        for (uint256 k = 0; k < 2 * nD; ++k) {
            expectField("dataset");
            router.stop(1, kind, keyId, setWord(v.statement, data + 32 * k, 1), v.proof);
        }
        uint256 r = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
        uint256 most = v.training ? keys.shape(keyId).records : keys.shape(keyId).blocks * keys.shape(keyId).batch;
        uint256[5] memory counts = [uint256(0), most + 1, r, r + 1, type(uint256).max];
        for (uint256 k = 0; k < counts.length; ++k) {
            expectField("count");
            router.stop(1, kind, keyId, setWord(v.statement, v.statement.length - 32, counts[k]), v.proof);
        }
        uint256 key = v.training ? 5 * 32 : 4 * 32;
        expectField("key");
        router.stop(1, kind, keyId, setWord(v.statement, key, 0), v.proof);
        expectField("setup");
        router.stop(1, kind, keyId, setWord(v.statement, key + 32, 0), v.proof);
        expectField("length");
        router.stop(1, kind, keyId, bytes.concat(v.statement, hex"00"), v.proof);
        expectField("length");
        router.stop(1, kind, keyId, "", v.proof);
        assertTrue(router.usable(1, keyId), "goes on");
    }

    /// The same program under a setup that somebody made for himself: he stops what he broke, and nothing else.
    function test_a_setup_of_ones_own() external {
        Vector memory v = load(files[0], 1);
        bytes32 keyId = stored(v);
        VerifierRouter router = made();
        stop(router, v);
        Vector memory mine = load("core-relu", 1);
        // tau = 1: tau G1 = G1, tau H = H
        bytes memory h = abi.encodePacked(
            uint256(0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2),
            uint256(0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed),
            uint256(0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b),
            uint256(0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
        );
        bytes32 other = keys.store(mine.program, mine.table, abi.encodePacked(uint256(1), uint256(2), h));
        assertTrue(router.usable(1, other), "another setup");
        assertTrue(!router.usable(1, keyId), "the stopped one");
        expectField("setup");
        router.stop(1, TRAINING, other, rekeyed(v, other), v.proof);
    }

    function rekeyed(Vector memory v, bytes32 keyId) private view returns (bytes memory) {
        return setWord(v.statement, 5 * 32, uint256(keys.keyDigest(keyId)));
    }
}
