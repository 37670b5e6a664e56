//! Recovers leases, announces again what nobody claimed, keeps history in bounds.
