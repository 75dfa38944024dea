import eu.europa.esig.dss.asic.cades.ASiCWithCAdESSignatureParameters;
import eu.europa.esig.dss.asic.cades.signature.ASiCWithCAdESService;
import eu.europa.esig.dss.asic.xades.ASiCWithXAdESSignatureParameters;
import eu.europa.esig.dss.asic.xades.signature.ASiCWithXAdESService;
import eu.europa.esig.dss.cades.CAdESSignatureParameters;
import eu.europa.esig.dss.cades.signature.CAdESService;
import eu.europa.esig.dss.enumerations.ASiCContainerType;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.JWSSerializationType;
import eu.europa.esig.dss.enumerations.SignatureAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.enumerations.SignaturePackaging;
import eu.europa.esig.dss.jades.JAdESSignatureParameters;
import eu.europa.esig.dss.jades.signature.JAdESService;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.InMemoryDocument;
import eu.europa.esig.dss.model.SerializableSignatureParameters;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.signature.AbstractSignatureParameters;
import eu.europa.esig.dss.signature.DocumentSignatureService;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.xades.XAdESSignatureParameters;
import eu.europa.esig.dss.xades.signature.XAdESService;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * EU DSS at work in one thread. A folder holds key.der, signer.der, chain/*.der, anchors/*.der and lists/*.crl; what is to
 * be done comes line by line, fields divided by tabs; the answer is a number: operations a second of this thread's
 * processor time.
 *
 * <pre>
 * sign    FORMAT  EPOCH-SECONDS  FILE  SECONDS  OUT    FORMAT: pades, cades, xades, jades, asics-cades, asice-cades, …
 * verify  EPOCH-SECONDS  FILE  SECONDS
 * </pre>
 */
public final class Bench {
  private final PrivateKey key;
  private final CertificateToken signer;
  private final List<CertificateToken> chain = new ArrayList<>();
  private final CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
  private final List<byte[]> lists = new ArrayList<>();

  private interface Act {
    void play() throws Exception;
  }

  public static void main(String[] words) throws Exception {
    var bench = new Bench(Path.of(words[0]));
    var asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = asked.readLine(); line != null; line = asked.readLine()) {
      String answer;
      try {
        answer = String.valueOf(bench.answer(line.split("\t")));
      } catch (Exception refusal) {
        answer = "failed " + String.valueOf(refusal).replaceAll("\\s+", " ");
      }
      System.out.println(answer);
      System.out.flush();
    }
  }

  private Bench(Path folder) throws Exception {
    byte[] der = Files.readAllBytes(folder.resolve("key.der"));
    key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    signer = DSSUtils.loadCertificate(folder.resolve("signer.der").toFile());
    for (Path file : in(folder.resolve("chain"))) {
      chain.add(DSSUtils.loadCertificate(file.toFile()));
    }
    for (Path file : in(folder.resolve("anchors"))) {
      anchors.addCertificate(DSSUtils.loadCertificate(file.toFile()));
    }
    for (Path file : in(folder.resolve("lists"))) {
      lists.add(Files.readAllBytes(file));
    }
  }

  private static List<Path> in(Path folder) throws Exception {
    try (var found = Files.list(folder)) {
      return found.sorted().toList();
    }
  }

  private double answer(String[] fields) throws Exception {
    if (fields[0].equals("sign")) {
      byte[] document = Files.readAllBytes(new File(fields[3]).toPath());
      Date when = new Date(Long.parseLong(fields[2]) * 1000);
      Files.write(new File(fields[5]).toPath(), sign(fields[1], document, when));
      return rate(() -> sign(fields[1], document, when), Double.parseDouble(fields[4]));
    }
    byte[] document = Files.readAllBytes(new File(fields[2]).toPath());
    Date when = new Date(Long.parseLong(fields[1]) * 1000);
    return rate(() -> verify(document, when), Double.parseDouble(fields[3]));
  }

  /** Played until warm, for as long again as is measured. */
  private static double rate(Act act, double seconds) throws Exception {
    turn(act, seconds);
    return turn(act, seconds);
  }

  private static double turn(Act act, double seconds) throws Exception {
    var thread = ManagementFactory.getThreadMXBean();
    long start = thread.getCurrentThreadCpuTime();
    long taken = 0;
    int played = 0;
    while (taken < seconds * 1e9) {
      act.play();
      played++;
      taken = thread.getCurrentThreadCpuTime() - start;
    }
    return played / (taken / 1e9);
  }

  private byte[] sign(String format, byte[] bytes, Date when) throws Exception {
    var document = new InMemoryDocument(bytes, format.equals("pades") ? "a.pdf" : "a.xml");
    var verifier = new CommonCertificateVerifier();
    switch (format) {
      case "pades": {
        var wanted = new PAdESSignatureParameters();
        wanted.setSignatureLevel(SignatureLevel.PAdES_BASELINE_B);
        return finish(new PAdESService(verifier), document, wanted, when);
      }
      case "cades": {
        var wanted = new CAdESSignatureParameters();
        wanted.setSignatureLevel(SignatureLevel.CAdES_BASELINE_B);
        wanted.setSignaturePackaging(SignaturePackaging.ENVELOPING);
        return finish(new CAdESService(verifier), document, wanted, when);
      }
      case "xades": {
        var wanted = new XAdESSignatureParameters();
        wanted.setSignatureLevel(SignatureLevel.XAdES_BASELINE_B);
        wanted.setSignaturePackaging(SignaturePackaging.ENVELOPED);
        return finish(new XAdESService(verifier), document, wanted, when);
      }
      case "jades": {
        var wanted = new JAdESSignatureParameters();
        wanted.setSignatureLevel(SignatureLevel.JAdES_BASELINE_B);
        wanted.setSignaturePackaging(SignaturePackaging.ENVELOPING);
        wanted.setJwsSerializationType(JWSSerializationType.JSON_SERIALIZATION);
        return finish(new JAdESService(verifier), document, wanted, when);
      }
      case "asics-cades":
      case "asice-cades": {
        var wanted = new ASiCWithCAdESSignatureParameters();
        wanted.setSignatureLevel(SignatureLevel.CAdES_BASELINE_B);
        wanted.aSiC().setContainerType(format.startsWith("asics") ? ASiCContainerType.ASiC_S : ASiCContainerType.ASiC_E);
        return finish(new ASiCWithCAdESService(verifier), document, wanted, when);
      }
      case "asics-xades":
      case "asice-xades": {
        var wanted = new ASiCWithXAdESSignatureParameters();
        wanted.setSignatureLevel(SignatureLevel.XAdES_BASELINE_B);
        wanted.aSiC().setContainerType(format.startsWith("asics") ? ASiCContainerType.ASiC_S : ASiCContainerType.ASiC_E);
        return finish(new ASiCWithXAdESService(verifier), document, wanted, when);
      }
      default:
        throw new IllegalArgumentException(format);
    }
  }

  private <P extends AbstractSignatureParameters<?> & SerializableSignatureParameters> byte[] finish(
      DocumentSignatureService<P, ?> service, DSSDocument document, P wanted, Date when) throws Exception {
    wanted.setSigningCertificate(signer);
    wanted.setCertificateChain(chain);
    wanted.setDigestAlgorithm(DigestAlgorithm.SHA256);
    wanted.bLevel().setSigningDate(when);
    var toBeSigned = service.getDataToSign(document, wanted);
    Signature engine = Signature.getInstance("SHA256withECDSA");
    engine.initSign(key);
    engine.update(toBeSigned.getBytes());
    var value = new SignatureValue(SignatureAlgorithm.ECDSA_SHA256, engine.sign());
    try (InputStream signed = service.signDocument(document, wanted, value).openStream()) {
      return signed.readAllBytes();
    }
  }

  private void verify(byte[] bytes, Date when) {
    var verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(anchors);
    verifier.setAIASource(null);
    var streams = lists.stream().map(ByteArrayInputStream::new).toArray(InputStream[]::new);
    verifier.setCrlSource(new ExternalResourcesCRLSource(streams));
    SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new InMemoryDocument(bytes));
    validator.setCertificateVerifier(verifier);
    validator.setValidationTime(when);
    var report = validator.validateDocument().getSimpleReport();
    for (String id : report.getSignatureIdList()) {
      if (report.getIndication(id) != Indication.TOTAL_PASSED) {
        throw new IllegalStateException(report.getIndication(id) + " " + report.getSubIndication(id));
      }
    }
    if (report.getSignatureIdList().isEmpty()) {
      throw new IllegalStateException("no signature");
    }
  }
}
