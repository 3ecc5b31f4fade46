// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartBase} from "./PartBase.sol";
import {BeaconHub} from "./Hubs.sol";
import {RoundAlreadyBegun} from "../../src/beacons/BeaconErrors.sol";
import {
    VrfBeacon,
    VrfTerms,
    VRFV2PlusClient,
    IVRFCoordinatorV2Plus,
    NotTheHub,
    NotTheSponsor,
    NotCoordinator,
    UnknownRequest,
    WrongWords
} from "../../src/beacons/VrfBeacon.sol";

/// Numbers requests and keeps the last; answers when told to.
contract Coordinator is IVRFCoordinatorV2Plus {
    VRFV2PlusClient.RandomWordsRequest public last;
    uint256 public requests;

    function requestRandomWords(VRFV2PlusClient.RandomWordsRequest calldata req) external returns (uint256) {
        last = req;
        return 100 + requests++;
    }

    function answer(VrfBeacon beacon, uint256 requestId, uint256[] calldata words) external {
        beacon.rawFulfillRandomWords(requestId, words);
    }
}

contract VrfBeaconTest is PartBase {
    Coordinator private coordinator = new Coordinator();
    BeaconHub private hub = new BeaconHub();
    VrfBeacon private beacon = made(ALICE);

    function made(address sponsor) private returns (VrfBeacon) {
        VrfTerms memory terms =
            VrfTerms({keyHash: keccak256("lane"), subscription: 1 << 200, confirmations: 3, callbackGas: 60_000, native: true});
        return new VrfBeacon(address(hub), coordinator, sponsor, terms);
    }

    function one(uint256 word) private pure returns (uint256[] memory words) {
        words = new uint256[](1);
        words[0] = word;
    }

    function setUp() external {
        hub.setSponsor(ALICE);
    }

    function test_request() external {
        hub.enrol(beacon, ID, BOB, keccak256("tip"));
        hub.begin(beacon, ID, 0, 4, 1);
        assertEq(coordinator.requests(), 1, "one request");
        (bytes32 keyHash, uint256 subId, uint16 confirmations, uint32 callbackGas, uint32 words, bytes memory extra) =
            coordinator.last();
        assertEq(keyHash, keccak256("lane"), "lane");
        assertEq(subId, 1 << 200, "subscription");
        assertEq(uint256(confirmations), 3, "confirmations");
        assertEq(uint256(callbackGas), 60_000, "gas");
        assertEq(uint256(words), 1, "words");
        // as VRFV2PlusClient._argsToBytes encodes them
        bytes memory expected = abi.encodePacked(bytes4(0x92fd1338), abi.encode(true));
        assertEq(keccak256(extra), keccak256(expected), "extra arguments");
    }

    function test_seed() external {
        (bool ready, bytes32 value, uint32 present) = beacon.seed(address(hub), ID, 3);
        assertTrue(!ready && value == 0 && present == 0, "not begun");
        hub.begin(beacon, ID, 3, 4, 1);
        (ready, value, present) = beacon.seed(address(hub), ID, 3);
        assertTrue(!ready && value == 0 && present == 4, "not answered");
        coordinator.answer(beacon, 100, one(0)); // zero is a word like others
        (ready, value, present) = beacon.seed(address(hub), ID, 3);
        assertTrue(ready && present == 4, "answered");
        bytes32 domain = keccak256("fedproof/beacon/vrf/1");
        bytes memory all = abi.encode(domain, block.chainid, beacon, hub, ID, uint32(3), uint256(100), uint256(0));
        assertEq(value, keccak256(all), "value");
        assertTrue(beacon.isPresent(address(hub), ID, 3, BOB), "everybody");
        assertTrue(!beacon.isPresent(address(hub), ID, 4, BOB), "not of another round");
        assertTrue(!beacon.isPresent(BOB, ID, 3, BOB), "not of another hub");
        (ready,,) = beacon.seed(BOB, ID, 3);
        assertTrue(!ready, "no seeds for another hub");
    }

    function test_gas_of_an_answer() external {
        hub.begin(beacon, ID, 0, 4, 1);
        cheats.prank(address(coordinator));
        uint256 before = gasleft();
        beacon.rawFulfillRandomWords(100, one(5));
        assertTrue(before - gasleft() < 60_000, "the gas that VrfTerms speaks of");
    }

    function test_never_again() external {
        hub.begin(beacon, ID, 0, 4, 1);
        expect(abi.encodeWithSelector(RoundAlreadyBegun.selector, 0));
        hub.begin(beacon, ID, 0, 4, 1);
        coordinator.answer(beacon, 100, one(5));
        (, bytes32 value,) = beacon.seed(address(hub), ID, 0);
        expect(abi.encodeWithSelector(UnknownRequest.selector, 100));
        coordinator.answer(beacon, 100, one(6));
        expect(abi.encodeWithSelector(RoundAlreadyBegun.selector, 0));
        hub.begin(beacon, ID, 0, 4, 1);
        (, bytes32 same,) = beacon.seed(address(hub), ID, 0);
        assertEq(same, value, "fixed for ever");
        assertEq(coordinator.requests(), 1, "one request");
    }

    function test_strangers() external {
        expect(abi.encodeWithSelector(NotTheHub.selector, address(this)));
        beacon.begin(ID, 0, 4, 1);
        BeaconHub other = new BeaconHub();
        expect(abi.encodeWithSelector(NotTheHub.selector, address(other)));
        other.begin(beacon, ID, 0, 4, 1);
        hub.begin(beacon, ID, 0, 4, 1);
        expect(abi.encodeWithSelector(NotCoordinator.selector, address(this)));
        beacon.rawFulfillRandomWords(100, one(5));
        Coordinator forged = new Coordinator();
        expect(abi.encodeWithSelector(NotCoordinator.selector, address(forged)));
        forged.answer(beacon, 100, one(5));
    }

    function test_answers_that_are_none() external {
        hub.begin(beacon, ID, 0, 4, 1);
        expect(abi.encodeWithSelector(UnknownRequest.selector, 101));
        coordinator.answer(beacon, 101, one(5));
        expect(abi.encodeWithSelector(WrongWords.selector, 1, 0));
        coordinator.answer(beacon, 100, new uint256[](0));
        expect(abi.encodeWithSelector(WrongWords.selector, 1, 2));
        coordinator.answer(beacon, 100, new uint256[](2));
        coordinator.answer(beacon, 100, one(5));
    }

    /// The subscription pays for nobody else's tasks.
    function test_sponsors() external {
        hub.setSponsor(BOB);
        expect(abi.encodeWithSelector(NotTheSponsor.selector, BOB));
        hub.begin(beacon, ID, 0, 4, 1);
        VrfBeacon anybody = made(address(0));
        hub.begin(anybody, ID, 0, 4, 1);
        assertEq(coordinator.requests(), 1, "paid for anybody");
    }
}
