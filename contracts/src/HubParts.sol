// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {IVerifyingKeys} from "./interfaces/IVerifyingKeys.sol";
import {Disputes} from "./protocol/Disputes.sol";
import {HubState} from "./protocol/HubState.sol";
import {Sponsors} from "./protocol/Sponsors.sol";

/// Opening of tasks and disputes: code of the hub that does not fit in one contract. The hub creates it and delegates to it, so it works on
/// the hub's storage; it has none of its own and refuses any other caller.
contract HubParts is Sponsors, Disputes {
    constructor(IVerifierRouter router_, IVerifyingKeys keys_, IStakeVault vault_)
        HubState(msg.sender, router_, keys_, vault_)
        EIP712("fedproof", "1")
    {}
}
