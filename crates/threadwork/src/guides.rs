//! Pages for those who come from elsewhere, recipes, and how to run and look at a program of many threads.
//!
//! They are part of the documentation only.

/// A page of the folder `docs`. The links from page to page lead to modules here, and to files there.
macro_rules! guides {
    ($($name:ident $file:literal)*) => {
        $(
            /// [architecture]: crate::guides::architecture
            /// [benchmarks]: crate::guides::benchmarks
            /// [comparison]: crate::guides::comparison
            /// [contributing]: crate::guides::contributing
            /// [cookbook]: crate::guides::cookbook
            /// [design]: crate::guides::design
            /// [hanging]: crate::guides::hanging
            /// [java]: crate::guides::coming_from_java
            /// [machines]: crate::guides::many_machines
            /// [platforms]: crate::guides::platforms
            /// [python]: crate::guides::coming_from_python
            /// [service]: crate::guides::service
            /// [std]: crate::guides::coming_from_std
            /// [supervision]: crate::guides::supervision
            #[doc = include_str!(concat!("../docs/", $file))]
            pub mod $name {}
        )*
    };
}

guides! {
    cookbook "cookbook.md"
    coming_from_python "coming-from-python.md"
    coming_from_java "coming-from-java.md"
    coming_from_std "coming-from-std.md"
    service "service.md"
    supervision "supervision.md"
    hanging "hanging.md"
    comparison "comparison.md"
    platforms "platforms.md"
    many_machines "many-machines.md"
    architecture "architecture.md"
    design "design.md"
    contributing "contributing.md"
    benchmarks "benchmarks.md"
}
