// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartBase} from "./PartBase.sol";
import {Coin, Badge} from "./Tokens.sol";
import {Wallet, FakeWorldId} from "./Wallets.sol";
import {OpenGate} from "../../src/gates/OpenGate.sol";
import {MerkleGate, NotInTree} from "../../src/gates/MerkleGate.sol";
import {VoucherGate, WrongVoucher, VoucherExpired} from "../../src/gates/VoucherGate.sol";
import {HoldingGate, TokenKind, HoldsTooLittle, NotOwner, WrongHolding} from "../../src/gates/HoldingGate.sol";
import {WorldIdGate, IWorldID, NoWorldId} from "../../src/gates/WorldIdGate.sol";

contract SimpleGatesTest is PartBase {
    function person(address member) private pure returns (bytes32) {
        return bytes32(uint256(uint160(member)));
    }

    function test_open() external {
        OpenGate gate = new OpenGate();
        assertEq(gate.admit(ID, ALICE, ""), person(ALICE), "a person is an address");
        assertEq(gate.admit(ID, BOB, "anything"), person(BOB), "whatever is shown");
    }

    function leaf(address member) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(member))));
    }

    function node(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function evidence(bytes32 a, bytes32 b) private pure returns (bytes memory) {
        bytes32[] memory siblings = new bytes32[](2);
        (siblings[0], siblings[1]) = (a, b);
        return abi.encode(siblings);
    }

    function test_merkle() external {
        bytes32 pair = node(leaf(ALICE), leaf(BOB));
        MerkleGate gate = new MerkleGate(node(pair, leaf(CAROL)));
        assertEq(gate.admit(ID, ALICE, evidence(leaf(BOB), leaf(CAROL))), person(ALICE), "alice");
        assertEq(gate.admit(ID, BOB, evidence(leaf(ALICE), leaf(CAROL))), person(BOB), "bob");

        bytes memory reason = abi.encodeWithSelector(NotInTree.selector, ALICE);
        expect(reason);
        gate.admit(ID, ALICE, evidence(leaf(CAROL), leaf(BOB))); // siblings in the wrong order
        expect(reason);
        gate.admit(ID, ALICE, abi.encode(new bytes32[](0)));
        expect(abi.encodeWithSelector(NotInTree.selector, address(this)));
        gate.admit(ID, address(this), evidence(leaf(BOB), leaf(CAROL))); // another's proof
        cheats.expectRevert();
        gate.admit(ID, ALICE, "");
    }

    /// A tree whose nodes are not sorted is another tree: its proofs fail where the order differs.
    function test_unsorted_merkle_tree() external {
        (bytes32 a, bytes32 b) = (leaf(ALICE), leaf(BOB));
        (bytes32 low, bytes32 high) = a < b ? (a, b) : (b, a);
        MerkleGate gate = new MerkleGate(keccak256(abi.encode(high, low)));
        bytes32[] memory siblings = new bytes32[](1);
        siblings[0] = b;
        expect(abi.encodeWithSelector(NotInTree.selector, ALICE));
        gate.admit(ID, ALICE, abi.encode(siblings));
    }

    /// An inner node cannot pass for a leaf: leaves are hashed twice.
    function test_merkle_node_as_leaf() external {
        bytes32 pair = node(leaf(ALICE), leaf(BOB));
        MerkleGate gate = new MerkleGate(node(pair, leaf(CAROL)));
        bytes32[] memory siblings = new bytes32[](1);
        siblings[0] = leaf(CAROL);
        address forged = address(uint160(uint256(pair)));
        expect(abi.encodeWithSelector(NotInTree.selector, forged));
        gate.admit(ID, forged, abi.encode(siblings));
    }

    function test_erc20() external {
        Coin coin = new Coin();
        HoldingGate gate = new HoldingGate(address(coin), TokenKind.ERC20, 10);
        coin.mint(ALICE, 10);
        assertEq(gate.admit(ID, ALICE, ""), person(ALICE), "holds the minimum");
        coin.mint(BOB, 9);
        expect(abi.encodeWithSelector(HoldsTooLittle.selector, BOB, 10, 9));
        gate.admit(ID, BOB, "");
    }

    function test_erc721() external {
        Badge badge = new Badge();
        HoldingGate gate = new HoldingGate(address(badge), TokenKind.ERC721, 1);
        badge.mint(ALICE, 77);
        assertEq(gate.admit(ID, ALICE, abi.encode(77)), bytes32(uint256(77)), "a person is the token");
        expect(abi.encodeWithSelector(NotOwner.selector, BOB, 77));
        gate.admit(ID, BOB, abi.encode(77));
        expect(abi.encodeWithSignature("ERC721NonexistentToken(uint256)", 78));
        gate.admit(ID, ALICE, abi.encode(78));
        cheats.expectRevert();
        gate.admit(ID, ALICE, "");
        // sold: the buyer is the same person
        cheats.prank(ALICE);
        badge.transferFrom(ALICE, BOB, 77);
        assertEq(gate.admit(ID, BOB, abi.encode(77)), bytes32(uint256(77)), "the same person");
        expect(abi.encodeWithSelector(NotOwner.selector, ALICE, 77));
        gate.admit(ID, ALICE, abi.encode(77));
    }

    function test_holdings_that_are_none() external {
        address coin = address(new Coin());
        expect(abi.encodeWithSelector(WrongHolding.selector, ALICE, 1));
        new HoldingGate(ALICE, TokenKind.ERC20, 1);
        expect(abi.encodeWithSelector(WrongHolding.selector, coin, 0));
        new HoldingGate(coin, TokenKind.ERC20, 0);
        expect(abi.encodeWithSelector(WrongHolding.selector, coin, 0));
        new HoldingGate(coin, TokenKind.ERC721, 0);
        expect(abi.encodeWithSelector(WrongHolding.selector, coin, 2));
        new HoldingGate(coin, TokenKind.ERC721, 2);
    }
}

contract VoucherGateTest is PartBase {
    uint256 private constant KEY = 0xBEEF;
    bytes32 private constant PERSON = keccak256("a person");

    VoucherGate private gate = new VoucherGate(cheats.addr(KEY));

    function digest(VoucherGate at_, bytes32 id, address member, uint64 deadline) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("fedproof VoucherGate"),
                keccak256("1"),
                block.chainid,
                at_
            )
        );
        bytes32 kind = keccak256("Voucher(bytes32 task,address member,bytes32 person,uint64 deadline)");
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(kind, id, member, PERSON, deadline))));
    }

    function signed(bytes32 hash, uint256 key) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(key, hash);
        return abi.encodePacked(r, s, v);
    }

    function voucher(VoucherGate at_, bytes32 id, address member, uint64 deadline, uint256 key)
        private
        view
        returns (bytes memory)
    {
        return abi.encode(PERSON, deadline, signed(digest(at_, id, member, deadline), key));
    }

    function setUp() external {
        cheats.warp(1000);
    }

    function test_voucher() external {
        bytes memory evidence = voucher(gate, ID, ALICE, 2000, KEY);
        assertEq(gate.admit(ID, ALICE, evidence), PERSON, "the person the issuer says");
        cheats.warp(2000);
        assertEq(gate.admit(ID, ALICE, evidence), PERSON, "until the deadline");
        cheats.warp(2001);
        expect(abi.encodeWithSelector(VoucherExpired.selector, 2000));
        gate.admit(ID, ALICE, evidence);
    }

    function test_another_task_or_member() external {
        bytes memory evidence = voucher(gate, ID, ALICE, 2000, KEY);
        expect(abi.encodeWithSelector(WrongVoucher.selector, ALICE));
        gate.admit(keccak256("another"), ALICE, evidence);
        expect(abi.encodeWithSelector(WrongVoucher.selector, BOB));
        gate.admit(ID, BOB, evidence);
    }

    function test_another_chain_or_gate() external {
        bytes memory evidence = voucher(gate, ID, ALICE, 2000, KEY);
        VoucherGate other = new VoucherGate(cheats.addr(KEY));
        expect(abi.encodeWithSelector(WrongVoucher.selector, ALICE));
        other.admit(ID, ALICE, evidence);
        cheats.chainId(5);
        expect(abi.encodeWithSelector(WrongVoucher.selector, ALICE));
        gate.admit(ID, ALICE, evidence);
    }

    function test_changed_vouchers() external {
        bytes memory signature = signed(digest(gate, ID, ALICE, 2000), KEY);
        bytes memory reason = abi.encodeWithSelector(WrongVoucher.selector, ALICE);
        expect(reason);
        gate.admit(ID, ALICE, abi.encode(keccak256("another person"), uint64(2000), signature));
        expect(reason);
        gate.admit(ID, ALICE, abi.encode(PERSON, uint64(2001), signature));
        expect(reason);
        gate.admit(ID, ALICE, abi.encode(PERSON, uint64(2000), bytes("")));
        bytes memory others = voucher(gate, ID, ALICE, 2000, KEY + 1);
        expect(reason);
        gate.admit(ID, ALICE, others);
        // the other form of the same signature
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(KEY, digest(gate, ID, ALICE, 2000));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        signature = abi.encodePacked(r, order - uint256(s), v == 27 ? uint8(28) : uint8(27));
        expect(reason);
        gate.admit(ID, ALICE, abi.encode(PERSON, uint64(2000), signature));
    }

    function test_issuers_that_are_contracts() external {
        VoucherGate hers = new VoucherGate(address(new Wallet(cheats.addr(KEY))));
        assertEq(hers.admit(ID, ALICE, voucher(hers, ID, ALICE, 2000, KEY)), PERSON, "ERC-1271");
        bytes memory others = voucher(hers, ID, ALICE, 2000, KEY + 1);
        expect(abi.encodeWithSelector(WrongVoucher.selector, ALICE));
        hers.admit(ID, ALICE, others);
    }
}

contract WorldIdGateTest is PartBase {
    FakeWorldId private worldId = new FakeWorldId();
    WorldIdGate private gate = new WorldIdGate(IWorldID(address(worldId)), 1, "app_staging_1", "join");
    uint256[8] private proof = [uint256(1), 2, 3, 4, 5, 6, 7, 8];

    function hash(bytes memory data) private pure returns (uint256) {
        return uint256(keccak256(data)) >> 8;
    }

    function test_human() external {
        uint256 nullifier = 99;
        uint256 signal = hash(abi.encodePacked(ALICE));
        uint256 outer = hash(abi.encodePacked(hash("app_staging_1"), "join", ID));
        worldId.accept(7, 1, signal, nullifier, outer, proof);
        assertEq(gate.externalNullifier(ID), bytes32(outer), "external nullifier");
        bytes memory evidence = abi.encode(uint256(7), nullifier, proof);
        assertEq(gate.admit(ID, ALICE, evidence), bytes32(nullifier), "a person is the nullifier");
        expect(abi.encodeWithSignature("Error(string)", "InvalidProof"));
        gate.admit(ID, BOB, evidence);
        expect(abi.encodeWithSignature("Error(string)", "InvalidProof"));
        gate.admit(keccak256("another"), ALICE, evidence);
        expect(abi.encodeWithSignature("Error(string)", "InvalidProof"));
        gate.admit(ID, ALICE, abi.encode(uint256(7), nullifier + 1, proof));
    }

    function assertEq(uint256 got, bytes32 expected, string memory why) private pure {
        assertEq(bytes32(got), expected, why);
    }

    function test_no_world_id() external {
        expect(abi.encodeWithSelector(NoWorldId.selector, ALICE));
        new WorldIdGate(IWorldID(ALICE), 1, "app", "join");
    }
}
