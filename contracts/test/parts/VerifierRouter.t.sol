// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartBase} from "./PartBase.sol";
import {IVerifyingKeys, Shape} from "../../src/interfaces/IVerifyingKeys.sol";
import {ITrainingVerifier} from "../../src/interfaces/ITrainingVerifier.sol";
import {IRegistrationVerifier} from "../../src/interfaces/IRegistrationVerifier.sol";
import {ICloseVerifier} from "../../src/interfaces/ICloseVerifier.sol";
import {UnknownKey} from "../../src/verifier/Errors.sol";
import {NotReserved, UnknownKind} from "../../src/protocol/Reserved.sol";
import {Verifiers} from "../../src/interfaces/IVerifierRouter.sol";
import {VerifierRouter, VersionUnusable, NotAnnouncer, NotAContract, AlreadyStopped} from "../../src/VerifierRouter.sol";

/// Accepts everything: a verifier that is broken.
contract Credulous is ITrainingVerifier, IRegistrationVerifier, ICloseVerifier {
    function verifyTraining(bytes32, bytes calldata, bytes calldata) external pure returns (bytes memory) {
        return "update";
    }

    function verifyRegistration(bytes32, bytes calldata, bytes calldata) external pure returns (bytes32) {
        return "dataset";
    }

    function verifyClose(bytes32, bytes calldata, bytes calldata) external pure returns (bytes memory) {
        return "next";
    }
}

/// Versions, and what the router hands on. Verifiers that accept everything and keys as they come, by a test's word.
contract VersionsTest is PartBase {
    bytes32 private constant KEY = keccak256("a key");
    uint64 private constant DELAY = 14 days;
    address private constant ANNOUNCER = address(0xA);

    Credulous private verifier = new Credulous();
    FakeKeys private keys = new FakeKeys();
    VerifierRouter private router;

    function setUp() external {
        cheats.warp(1000);
        router = made(ANNOUNCER);
        keys.set(KEY, keccak256("setup"));
    }

    function made(address announcer) private returns (VerifierRouter) {
        return new VerifierRouter(IVerifyingKeys(address(keys)), verifier, verifier, verifier, announcer, DELAY);
    }

    function test_the_first_version_is_usable_at_once() external view {
        assertTrue(router.usable(1, KEY), "version 1");
        assertEq(keccak256(router.verifyTraining(1, KEY, "", "")), keccak256("update"), "training");
        assertEq(router.verifyRegistration(1, KEY, "", ""), "dataset", "registration");
        assertEq(keccak256(router.verifyClose(1, KEY, "", "")), keccak256("next"), "close");
        assertTrue(!router.usable(0, KEY) && !router.usable(2, KEY), "there are no others");
        assertTrue(!router.usable(1, keccak256("unknown")), "unknown keys");
    }

    function unusable(uint32 version, bytes32 keyId) private {
        bytes memory reason = abi.encodeWithSelector(VersionUnusable.selector, version, keyId);
        expect(reason);
        router.verifyTraining(version, keyId, "", "");
        expect(reason);
        router.verifyRegistration(version, keyId, "", "");
        expect(reason);
        router.verifyClose(version, keyId, "", "");
    }

    function test_unusable_versions_verify_nothing() external {
        unusable(0, KEY);
        unusable(2, KEY);
        expect(abi.encodeWithSelector(UnknownKey.selector, keccak256("unknown")));
        router.verifyTraining(1, keccak256("unknown"), "", "");
        cheats.prank(ANNOUNCER);
        router.announce(verifier, verifier, verifier);
        unusable(2, KEY);
    }

    function test_timelock() external {
        Credulous next = new Credulous();
        cheats.prank(ANNOUNCER);
        assertEq(uint256(router.announce(next, verifier, next)), 2, "number");
        Verifiers memory v = _verifiersOf(2);
        assertTrue(
            address(v.training) == address(next) && address(v.registration) == address(verifier)
                && address(v.close) == address(next),
            "as announced"
        );
        assertEq(uint256(v.usableAt), 1000 + DELAY, "time");
        cheats.warp(1000 + DELAY - 1);
        assertTrue(!router.usable(2, KEY), "not yet");
        cheats.warp(1000 + DELAY);
        assertTrue(router.usable(2, KEY), "now");
        assertEq(keccak256(router.verifyTraining(2, KEY, "", "")), keccak256("update"), "verifies");
        // the first stays as it was
        v = _verifiersOf(1);
        assertTrue(address(v.training) == address(verifier) && v.usableAt == 1000, "never replaced");
        assertTrue(router.usable(1, KEY), "never removed");
    }

    function _verifiersOf(uint32 version) private view returns (Verifiers memory v) {
        (v.training, v.registration, v.close, v.usableAt) = router.verifiersOf(version);
    }

    function test_announcer() external {
        bytes memory reason = abi.encodeWithSelector(NotAnnouncer.selector, address(this));
        expect(reason);
        router.announce(verifier, verifier, verifier);
        expect(reason);
        router.renounce();
        cheats.prank(ANNOUNCER);
        router.renounce();
        cheats.prank(ANNOUNCER);
        expect(abi.encodeWithSelector(NotAnnouncer.selector, ANNOUNCER));
        router.announce(verifier, verifier, verifier);
        VerifierRouter alone = made(address(0));
        expect(reason);
        alone.announce(verifier, verifier, verifier);
        assertTrue(alone.usable(1, KEY), "without an announcer");
    }

    function test_verifiers_are_contracts() external {
        Credulous none = Credulous(address(0x123));
        bytes memory reason = abi.encodeWithSelector(NotAContract.selector, none);
        cheats.startPrank(ANNOUNCER);
        expect(reason);
        router.announce(none, verifier, verifier);
        expect(reason);
        router.announce(verifier, none, verifier);
        expect(reason);
        router.announce(verifier, verifier, none);
        cheats.stopPrank();
        expect(reason);
        new VerifierRouter(IVerifyingKeys(address(none)), verifier, verifier, verifier, ANNOUNCER, DELAY);
    }

    // --- reserved statements of closes ---------------------------------------------------------------------------------

    uint256 private constant NW = 3;

    /// Chain, hub, submitter, task, round, key, setup, [S], [W'], count.
    function close() private view returns (bytes memory) {
        bytes memory sum = new bytes(64 * NW);
        bytes memory next = abi.encodePacked(uint256(1), uint256(2), new bytes(64 * (NW - 1)));
        return abi.encodePacked(new bytes(5 * 32), keys.keyDigest(KEY), keccak256("setup"), sum, next, uint256(7));
    }

    function stop(bytes memory statement) private {
        router.stop(1, 3, KEY, statement, "");
    }

    function refused(bytes memory statement, bytes32 field) private {
        expect(abi.encodeWithSelector(NotReserved.selector, field));
        stop(statement);
    }

    function changed(uint256 word, uint256 value) private view returns (bytes memory statement) {
        statement = close();
        assembly ("memory-safe") {
            mstore(add(add(statement, 32), mul(32, word)), value)
        }
    }

    function test_a_close_that_is_false_stops() external {
        keys.setShape(NW, 1);
        bytes memory statement = close();
        stop(statement);
        assertTrue(!router.usable(1, KEY), "stopped");
        expect(abi.encodeWithSelector(AlreadyStopped.selector, 1, keccak256("setup")));
        stop(statement);
    }

    function test_closes_that_are_not_reserved() external {
        keys.setShape(NW, 1);
        for (uint256 i = 7; i < 7 + 2 * NW; ++i) {
            refused(changed(i, 1), "sum");
        }
        uint256 next = 7 + 2 * NW;
        refused(changed(next, 0), "next");
        refused(changed(next, 2), "next");
        refused(changed(next + 1, 0), "next");
        // -G1 would be false as well, but one false statement is enough
        refused(changed(next + 1, 21888242871839275222246405745257275088696311157297823662689037894645226208583 - 2), "next");
        for (uint256 i = next + 2; i < next + 2 * NW; ++i) {
            refused(changed(i, 1), "next");
        }
        uint256 count = next + 2 * NW;
        refused(changed(count, 0), "count");
        refused(changed(count, 1 << 16), "count");
        refused(changed(count, type(uint256).max), "count");
        refused(changed(5, 0), "key");
        refused(changed(6, 0), "setup");
        refused(bytes.concat(close(), hex"00"), "length");
        refused("", "length");
        // the other fields are free
        for (uint256 i = 0; i < 5; ++i) {
            VerifierRouter fresh = made(address(0));
            fresh.stop(1, 3, KEY, changed(i, 12345), "");
        }
        VerifierRouter most = made(address(0));
        most.stop(1, 3, KEY, changed(count, (1 << 16) - 1), "");
    }

    function test_stops_of_nothing() external {
        keys.setShape(NW, 1);
        bytes memory statement = close();
        expect(abi.encodeWithSelector(VersionUnusable.selector, 2, KEY));
        router.stop(2, 3, KEY, statement, "");
        expect(abi.encodeWithSelector(UnknownKind.selector, 0));
        router.stop(1, 0, KEY, statement, "");
        expect(abi.encodeWithSelector(UnknownKind.selector, 4));
        router.stop(1, 4, KEY, statement, "");
        refusedAs(1, statement);
        refusedAs(2, statement);
    }

    function refusedAs(uint8 kind, bytes memory statement) private {
        expect(abi.encodeWithSelector(NotReserved.selector, bytes32("length")));
        router.stop(1, kind, KEY, statement, "");
    }

    /// A version can be stopped while it waits, and the one that is in use goes on.
    function test_a_version_that_waits_is_stopped() external {
        keys.setShape(NW, 1);
        cheats.prank(ANNOUNCER);
        router.announce(verifier, verifier, verifier);
        router.stop(2, 3, KEY, close(), "");
        cheats.warp(1000 + DELAY);
        assertTrue(!router.usable(2, KEY), "never usable");
        assertTrue(router.usable(1, KEY), "the other one is");
        unusable(2, KEY);
    }

    /// Programs under the stopped setup stop together, those under another do not.
    function test_scope() external {
        keys.setShape(NW, 1);
        bytes32 sibling = keccak256("another program");
        bytes32 stranger = keccak256("another setup's key");
        keys.set(sibling, keccak256("setup"));
        keys.set(stranger, keccak256("another setup"));
        stop(close());
        assertTrue(!router.usable(1, sibling), "the same setup");
        assertTrue(router.usable(1, stranger), "another setup");
        assertTrue(router.stopped(1, keccak256("setup")), "what is stopped");
    }
}

/// Keys whose digests and shape a test chooses.
contract FakeKeys {
    mapping(bytes32 keyId => bytes32) private _setups;
    Shape private _shape;

    function set(bytes32 keyId, bytes32 setup) external {
        _setups[keyId] = setup;
    }

    function setupDigest(bytes32 keyId) external view returns (bytes32 digest) {
        digest = _setups[keyId];
        if (digest == 0) revert UnknownKey(keyId);
    }

    function setShape(uint256 nW, uint256 nD) external {
        (_shape.nW, _shape.nD) = (nW, nD);
    }

    function isStored(bytes32 keyId) external view returns (bool) {
        return _setups[keyId] != 0;
    }

    function keyDigest(bytes32 keyId) external pure returns (bytes32) {
        return keccak256(abi.encode("digest", keyId));
    }

    function shape(bytes32) external view returns (Shape memory) {
        return _shape;
    }
}
