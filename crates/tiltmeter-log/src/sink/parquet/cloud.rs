//! A store from its URL, with the settings that the environment has for it.

use std::path::PathBuf;
use std::sync::Arc;

#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
use object_store::RetryConfig;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreScheme};
use url::Url;

use crate::error::BuildError;

pub(super) enum Opened {
    Folder(PathBuf),
    Store { store: Arc<dyn ObjectStore>, prefix: Path },
}

/// Opens the store that `url` names. `settings` are those of the environment: names and values.
pub(super) fn open(
    url: &str,
    settings: impl Iterator<Item = (String, String)>,
) -> Result<Opened, BuildError> {
    let parsed =
        Url::parse(url).map_err(|error| BuildError::storage("the URL of the log is not one", error))?;
    // without what a URL may hold of secrets
    let shown = format!("{}://{}{}", parsed.scheme(), parsed.host_str().unwrap_or_default(), parsed.path());
    let cannot = |error| BuildError::storage(format!("cannot open the store {shown}"), error);
    let (scheme, prefix) =
        ObjectStoreScheme::parse(&parsed).map_err(|error| cannot(object_store::Error::from(error)))?;
    let store = match scheme {
        ObjectStoreScheme::Local => {
            return parsed.to_file_path().map(Opened::Folder).map_err(|()| {
                BuildError::configuration(format!("{shown} is no local folder: give an absolute path"))
            });
        }
        ObjectStoreScheme::Memory => Arc::new(InMemory::new()),
        ObjectStoreScheme::AmazonS3 => {
            s3(&parsed, settings).ok_or_else(|| lacks("s3", &shown))?.map_err(cannot)?
        }
        ObjectStoreScheme::GoogleCloudStorage => {
            gcs(&parsed, settings).ok_or_else(|| lacks("gcs", &shown))?.map_err(cannot)?
        }
        ObjectStoreScheme::MicrosoftAzure => {
            azure(&parsed, settings).ok_or_else(|| lacks("azure", &shown))?.map_err(cannot)?
        }
        _ => {
            return Err(BuildError::configuration(format!(
                "cannot write to {shown}: use a URL of s3, gs, az, abfs or file"
            )));
        }
    };
    Ok(Opened::Store { store, prefix })
}

fn lacks(feature: &str, shown: &str) -> BuildError {
    BuildError::configuration(format!(
        "the store {shown} needs the feature `{feature}` of the crate tiltmeter or tiltmeter-log: turn it on"
    ))
}

type Built = Option<object_store::Result<Arc<dyn ObjectStore>>>;

/// The sink tries again by itself, and sees the breaker then; a store that did so too would multiply the attempts.
#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
fn one_attempt() -> RetryConfig {
    RetryConfig { max_retries: 0, ..RetryConfig::default() }
}

/// A function that builds a store of one kind; one that gives nothing where the feature is missing.
macro_rules! store {
    ($name:ident, $feature:literal, $builder:path, $prefix:literal) => {
        #[cfg(feature = $feature)]
        fn $name(url: &Url, settings: impl Iterator<Item = (String, String)>) -> Built {
            let builder = settings
                .filter(|(name, _)| name.starts_with($prefix))
                .filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, value)))
                .fold(<$builder>::new(), |builder, (key, value)| builder.with_config(key, value));
            let built = builder.with_url(url.as_str()).with_retry(one_attempt()).build();
            Some(built.map(|store| Arc::new(store) as Arc<dyn ObjectStore>))
        }

        #[cfg(not(feature = $feature))]
        fn $name(_: &Url, _: impl Iterator<Item = (String, String)>) -> Built {
            None
        }
    };
}

store!(s3, "s3", object_store::aws::AmazonS3Builder, "AWS_");
store!(gcs, "gcs", object_store::gcp::GoogleCloudStorageBuilder, "GOOGLE_");
store!(azure, "azure", object_store::azure::MicrosoftAzureBuilder, "AZURE_");

#[cfg(test)]
mod tests {
    use std::path::Path as FsPath;

    use super::*;

    fn refused(url: &str) -> BuildError {
        open(url, std::iter::empty()).err().unwrap()
    }

    #[test]
    fn a_store_whose_feature_is_missing_is_refused_with_its_name() {
        for (url, feature, is_there) in [
            ("s3://bucket/prefix", "`s3`", cfg!(feature = "s3")),
            ("gs://bucket/prefix", "`gcs`", cfg!(feature = "gcs")),
            ("az://container/prefix", "`azure`", cfg!(feature = "azure")),
        ] {
            if !is_there {
                let error = refused(url);
                assert!(error.is_configuration() && error.to_string().contains(feature), "{error}");
            }
        }
    }

    #[test]
    fn urls_that_name_no_store_are_refused_without_their_secrets() {
        let error = refused("ftp://user:hunter2@example.org/x?token=hunter3");
        assert!(error.is_storage());
        let text = format!("{error} {error:?}");
        assert!(text.contains("ftp://example.org/x"), "{text}");
        assert!(!error.to_string().contains("hunter"), "{text}");
        assert!(refused("no url").is_storage());
        assert!(refused("http://example.org/x").is_configuration());
    }

    #[test]
    fn folders_and_memory_need_no_feature() {
        let folder = open("file:///var/lib/log", std::iter::empty()).ok().unwrap();
        assert!(matches!(folder, Opened::Folder(path) if path == FsPath::new("/var/lib/log")));
        let memory = open("memory:///a/b", std::iter::empty()).ok().unwrap();
        assert!(matches!(memory, Opened::Store { prefix, .. } if prefix == Path::from("a/b")));
    }

    #[cfg(feature = "s3")]
    #[test]
    fn the_environment_says_how_to_reach_a_store_and_nothing_else_does() {
        let settings = [("AWS_REGION", "eu-west-1"), ("BUCKET", "another"), ("TIMEOUT", "no duration")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let opened = open("s3://bucket/prefix", settings.into_iter()).ok().unwrap();
        assert!(
            matches!(opened, Opened::Store { store, prefix } if store.to_string().contains("(bucket)") && prefix == Path::from("prefix"))
        );
    }
}
