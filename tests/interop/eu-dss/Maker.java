import eu.europa.esig.dss.alert.SilentOnStatusAlert;
import eu.europa.esig.dss.asic.cades.ASiCWithCAdESSignatureParameters;
import eu.europa.esig.dss.asic.cades.signature.ASiCWithCAdESService;
import eu.europa.esig.dss.enumerations.ASiCContainerType;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.TimestampBinary;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.tsp.TSPSource;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;

/**
 * EU DSS as a maker of containers, with a key (key.der) and a path (chain/*.der) of ours; it trusts anchors/*.der and
 * knows lists/*.crl. Time stamps come from whoever asks.
 *
 * <pre>
 * make  ASiC_S|ASiC_E  LEVEL  EPOCH-SECONDS  OUT  FILE…   →  made, or: refused WHY
 * in between:  stamp DIGEST-IN-HEX   ←  the path of a token
 * </pre>
 */
public final class Maker implements TSPSource {
  private final BufferedReader asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private final PrivateKey key;
  private final List<CertificateToken> chain = new ArrayList<>();
  private final ASiCWithCAdESService service;

  public static void main(String[] words) throws Exception {
    new Maker(Path.of(words[0])).answerAll();
  }

  private Maker(Path folder) throws Exception {
    key = KeyFactory.getInstance("EC").generatePrivate(
        new PKCS8EncodedKeySpec(Files.readAllBytes(folder.resolve("key.der"))));
    for (Path file : in(folder.resolve("chain"))) {
      chain.add(DSSUtils.loadCertificate(file.toFile()));
    }
    var anchors = new CommonTrustedCertificateSource();
    for (Path file : in(folder.resolve("anchors"))) {
      anchors.addCertificate(DSSUtils.loadCertificate(file.toFile()));
    }
    var lists = new ArrayList<InputStream>();
    for (Path file : in(folder.resolve("lists"))) {
      lists.add(new ByteArrayInputStream(Files.readAllBytes(file)));
    }
    var verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(anchors);
    verifier.setAIASource(null);
    verifier.setCrlSource(new ExternalResourcesCRLSource(lists.toArray(InputStream[]::new)));
    verifier.setRevocationFallback(true); // a list counts before that of its own issuer has been looked at
    verifier.setAlertOnNoRevocationAfterBestSignatureTime(new SilentOnStatusAlert());
    service = new ASiCWithCAdESService(verifier);
    service.setTspSource(this);
  }

  private static List<Path> in(Path folder) throws IOException {
    try (var found = Files.list(folder)) {
      return found.sorted().toList();
    }
  }

  private void answerAll() throws IOException {
    for (String line = asked.readLine(); line != null; line = asked.readLine()) {
      String answer = "made";
      try {
        make(line.split("\t"));
      } catch (Exception refusal) {
        answer = "refused\t" + String.valueOf(refusal).replaceAll("\\s+", " ");
      }
      System.out.println(answer);
      System.out.flush();
    }
  }

  private void make(String[] fields) throws Exception {
    var parameters = new ASiCWithCAdESSignatureParameters();
    parameters.setSignatureLevel(SignatureLevel.valueOf(fields[2]));
    parameters.aSiC().setContainerType(ASiCContainerType.valueOf(fields[1]));
    parameters.setSigningCertificate(chain.get(0));
    parameters.setCertificateChain(chain);
    parameters.setDigestAlgorithm(DigestAlgorithm.SHA256);
    parameters.getSignatureTimestampParameters().setDigestAlgorithm(DigestAlgorithm.SHA256);
    parameters.getArchiveTimestampParameters().setDigestAlgorithm(DigestAlgorithm.SHA256);
    parameters.bLevel().setSigningDate(new Date(Long.parseLong(fields[3]) * 1000));
    var files = new ArrayList<DSSDocument>();
    for (int place = 5; place < fields.length; place++) {
      files.add(new FileDocument(new File(fields[place])));
    }
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(key);
    signer.update(service.getDataToSign(files, parameters).getBytes());
    var value = new SignatureValue(SignatureAlgorithm.ECDSA_SHA256, signer.sign());
    service.signDocument(files, parameters, value).save(fields[4]);
  }

  @Override
  public TimestampBinary getTimeStampResponse(DigestAlgorithm algorithm, byte[] digest) {
    try {
      System.out.println("stamp\t" + HexFormat.of().formatHex(digest));
      System.out.flush();
      return new TimestampBinary(Files.readAllBytes(Path.of(asked.readLine())));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
