//! The rules for the sources, pages and manifests of this repository that a machine can check.

mod source;
mod crates;
mod paths;
mod rooms;
mod arrows;
mod sizes;

mod names;
mod errors;
mod limits;
mod packages;
mod systems;
mod tidy;
