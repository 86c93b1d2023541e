/** The part of the S3 client that we use, so that a bundler leaves the rest out; loaded on first use. */
export { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
